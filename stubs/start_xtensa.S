/*
 * start_xtensa - the ROM calls stub_entry.
 *
 * Our code is made for the ESP8266's core, which has no register windows.  On
 * the cores that have them it runs with window checks off (WOE = 0): then a0 to
 * a15 are plain registers, and it simply goes on in the caller's window.  The
 * ROM's interrupt handlers need windows; so all interrupts are masked for good,
 * and everything is polled.
 *
 * Only instructions that all these cores have.  Those of windows, which the
 * assembler for the lx106 does not know, stand as bytes.
 */
	.set	PS_OURS, 0x2f		/* UM, INTLEVEL 15 */

	.section .text.entry, "ax"
	.literal_position
	.global	stub_entry
	.align	4
stub_entry:
#ifdef STUB_LX106
	rsr	a5, ps
	mov	a6, a1
#endif
	movi	a2, PS_OURS
	wsr	a2, ps
	rsync
	movi	a1, link_stack_top
	movi	a2, link_bss
	movi	a3, link_bss_end
	movi	a4, 0
1:	bgeu	a2, a3, 2f
	s32i	a4, a2, 0
	addi	a2, a2, 4
	j	1b
2:
#ifdef STUB_LX106
	movi	a2, start_saved
	s32i	a5, a2, 0
	s32i	a6, a2, 4
	s32i	a12, a2, 8
	s32i	a13, a2, 12
	s32i	a14, a2, 16
	s32i	a15, a2, 20
#endif
	call0	start_main		/* it does not return */
3:	j	3b

#ifdef STUB_LX106
/*
 * void start_leave(uint32_t where): back into the ROM, behind the place where
 * it called stub_entry, on its own stack: there it starts what is in flash.
 */
	.global	start_leave
	.align	4
start_leave:
	mov	a0, a2
	movi	a2, start_saved
	l32i	a5, a2, 0
	l32i	a1, a2, 4
	l32i	a12, a2, 8
	l32i	a13, a2, 12
	l32i	a14, a2, 16
	l32i	a15, a2, 20
	wsr	a5, ps
	rsync
	ret

	.section .bss.start, "aw", @nobits
	.align	4
start_saved:
	.space	24
#else
/*
 * uint32_t start_windowed(uint32_t function, uint32_t a, uint32_t b,
 *     uint32_t c, uint32_t ps): call a function of the ROM, which is a windowed
 * one, with `ps` as its PS.
 *
 * Our frame is declared the only one that is alive (WINDOWSTART).  When the
 * callee needs its registers, the ROM's overflow handler saves a0 to a3 below
 * the callee's stack pointer, and a4 to a7 below the frame that the word at
 * [a1 - 12] points to: so that is our own, and its lower 48 bytes stay free.
 */
	.global	start_windowed
	.align	4
start_windowed:
	addi	a1, a1, -96
	s32i	a0, a1, 0
	s32i	a12, a1, 4
	s32i	a13, a1, 8
	s32i	a14, a1, 12
	s32i	a15, a1, 16
	mov	a8, a2
	mov	a10, a3
	mov	a11, a4
	mov	a12, a5
	addi	a9, a1, 96
	addi	a7, a1, -12
	s32i	a9, a7, 0
	.byte	0x40, 0x48, 0x03	/* rsr a4, windowbase */
	movi	a5, 1
	ssl	a4
	sll	a5, a5
	.byte	0x50, 0x49, 0x13	/* wsr a5, windowstart */
	rsync
	wsr	a6, ps
	rsync
	.byte	0xe0, 0x08, 0x00	/* callx8 a8 */
	movi	a4, PS_OURS
	wsr	a4, ps
	rsync
	mov	a2, a10
	l32i	a0, a1, 0
	l32i	a12, a1, 4
	l32i	a13, a1, 8
	l32i	a14, a1, 12
	l32i	a15, a1, 16
	addi	a1, a1, 96
	ret
#endif
