/*
 * start_riscv - the ROM jumps here, on its own stack, with its interrupts on.
 * Everything is polled from now on, so no interrupt controller needs to be
 * known.
 */
	.section .text.entry, "ax"
	.global	stub_entry
stub_entry:
	csrci	mstatus, 8		/* MIE */
	la	sp, link_stack_top
	la	a0, link_bss
	la	a1, link_bss_end
1:	bgeu	a0, a1, 2f
	sw	zero, 0(a0)
	addi	a0, a0, 4
	j	1b
2:	call	start_main		/* it does not return */
3:	j	3b

/*
 * What -msave-restore calls instead of saving registers in each function, which
 * takes much room: RISC-V ELF psABI, "save and restore".  Called with the return
 * address in t0; N is how many of s0 to s11 are saved besides ra, and these have
 * one frame in common that holds them all:
 *
 *	N	0 to 3	4 to 7	8 to 11	12
 *	bytes	16	32	48	64
 */
	.macro	entries name, from, to
	.set	n, \from
	.rept	\to - \from + 1
	entry	\name, %n
	.set	n, n + 1
	.endr
	.endm
	.altmacro
	.macro	entry name, n
	.global	__riscv_\name\()_\n
__riscv_\name\()_\n:
	.endm

	.section .text.save_0, "ax"
	entries	save, 0, 3
	addi	sp, sp, -16
	sw	ra, 12(sp)
	sw	s0, 8(sp)
	sw	s1, 4(sp)
	sw	s2, 0(sp)
	jr	t0
	entries	restore, 0, 3
	lw	ra, 12(sp)
	lw	s0, 8(sp)
	lw	s1, 4(sp)
	lw	s2, 0(sp)
	addi	sp, sp, 16
	ret

	.section .text.save_4, "ax"
	entries	save, 4, 7
	addi	sp, sp, -32
	sw	ra, 28(sp)
	sw	s0, 24(sp)
	sw	s1, 20(sp)
	sw	s2, 16(sp)
	sw	s3, 12(sp)
	sw	s4, 8(sp)
	sw	s5, 4(sp)
	sw	s6, 0(sp)
	jr	t0
	entries	restore, 4, 7
	lw	ra, 28(sp)
	lw	s0, 24(sp)
	lw	s1, 20(sp)
	lw	s2, 16(sp)
	lw	s3, 12(sp)
	lw	s4, 8(sp)
	lw	s5, 4(sp)
	lw	s6, 0(sp)
	addi	sp, sp, 32
	ret

	.section .text.save_8, "ax"
	entries	save, 8, 11
	addi	sp, sp, -48
	sw	ra, 44(sp)
	sw	s0, 40(sp)
	sw	s1, 36(sp)
	sw	s2, 32(sp)
	sw	s3, 28(sp)
	sw	s4, 24(sp)
	sw	s5, 20(sp)
	sw	s6, 16(sp)
	sw	s7, 12(sp)
	sw	s8, 8(sp)
	sw	s9, 4(sp)
	sw	s10, 0(sp)
	jr	t0
	entries	restore, 8, 11
	lw	ra, 44(sp)
	lw	s0, 40(sp)
	lw	s1, 36(sp)
	lw	s2, 32(sp)
	lw	s3, 28(sp)
	lw	s4, 24(sp)
	lw	s5, 20(sp)
	lw	s6, 16(sp)
	lw	s7, 12(sp)
	lw	s8, 8(sp)
	lw	s9, 4(sp)
	lw	s10, 0(sp)
	addi	sp, sp, 48
	ret

	.section .text.save_12, "ax"
	entries	save, 12, 12
	addi	sp, sp, -64
	sw	ra, 60(sp)
	sw	s0, 56(sp)
	sw	s1, 52(sp)
	sw	s2, 48(sp)
	sw	s3, 44(sp)
	sw	s4, 40(sp)
	sw	s5, 36(sp)
	sw	s6, 32(sp)
	sw	s7, 28(sp)
	sw	s8, 24(sp)
	sw	s9, 20(sp)
	sw	s10, 16(sp)
	sw	s11, 12(sp)
	jr	t0
	entries	restore, 12, 12
	lw	ra, 60(sp)
	lw	s0, 56(sp)
	lw	s1, 52(sp)
	lw	s2, 48(sp)
	lw	s3, 44(sp)
	lw	s4, 40(sp)
	lw	s5, 36(sp)
	lw	s6, 32(sp)
	lw	s7, 28(sp)
	lw	s8, 24(sp)
	lw	s9, 20(sp)
	lw	s10, 16(sp)
	lw	s11, 12(sp)
	addi	sp, sp, 64
	ret
