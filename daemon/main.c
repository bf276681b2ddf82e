/* espflashd - owns the serial ports of a machine and flashes what hangs there. */
int
main(void)
{
	return 0;
}
