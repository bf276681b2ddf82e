# tests/e2e - client, daemon and simulated boards together.

EXTRA_DIST += tests/e2e/conftest.py tests/e2e/harness.py tests/e2e/usb.py \
	tests/e2e/elves.py tests/e2e/openssl.py tests/e2e/servers.py \
	tests/e2e/test_bad_input.py \
	tests/e2e/test_build_dir.py \
	tests/e2e/test_chips.py \
	tests/e2e/test_client.py \
	tests/e2e/test_efuse_keys.py \
	tests/e2e/test_efuse.py \
	tests/e2e/test_elf2image.py \
	tests/e2e/test_efuse_daemon.py \
	tests/e2e/test_encrypt.py \
	tests/e2e/test_commands.py \
	tests/e2e/test_esptool.py \
	tests/e2e/test_efuse_wire.py \
	tests/e2e/test_export.py \
	tests/e2e/test_fleet.py \
	tests/e2e/test_flash.py \
	tests/e2e/test_hotplug.py \
	tests/e2e/test_image_info.py \
	tests/e2e/test_life.py \
	tests/e2e/test_merge.py \
	tests/e2e/test_partitions.py \
	tests/e2e/test_ports.py \
	tests/e2e/test_refusals.py \
	tests/e2e/test_reset.py \
	tests/e2e/test_resume.py \
	tests/e2e/test_secure.py \
	tests/e2e/test_secure_flash.py \
	tests/e2e/leaks.py tests/e2e/test_secrets.py \
	tests/e2e/test_secure_hsm.py \
	tests/e2e/test_ser2net.py \
	tests/e2e/test_signed.py \
	tests/e2e/test_tty.py \
	tests/e2e/test_vectors_efuse.py tests/e2e/vector_exceptions_efuse \
	tests/e2e/test_vectors_images.py tests/e2e/vector_exceptions \
	tests/e2e/test_vectors_secure.py tests/e2e/vector_exceptions_secure \
	tests/e2e/vectors.py \
	tests/e2e/test_work.py
dist_check_SCRIPTS += tests/e2e/run
TESTS += tests/e2e/run
