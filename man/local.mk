# man - the manual; tests/lint holds it to the tables in the source.

dist_man_MANS += man/espctl.1 man/espefuse.1 man/espsecure.1 \
	man/espflashd.conf.5 man/espflashd-rpc.7 man/espflashd.8
