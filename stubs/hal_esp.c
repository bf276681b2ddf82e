/*
 * hal_esp - stubs/hal.h on a chip: registers, a few functions of its ROM, and
 * no interrupt.  What differs between chips is in `machine`.
 */
#include "stubs/hal.h"

#include "proto/serial/ext.h"
#include "stubs/chip.h"

enum port { PORT_ANY, PORT_UART, PORT_USB };

enum {
	/* UART: S, uart_reg.h of all chips. */
	UART_STATUS	= 0x1c,
	UART_DIVIDER	= 0x14,
	UART_SENT_SHIFT	= 16,		/* of the fill level of what is sent */
	UART_FRACTION	= 20,		/* sixteenths of the divider */
	UART_ROOM	= 120,		/* of 128 */

	/* USB-Serial/JTAG: S, usb_serial_jtag_reg.h of all chips. */
	USB_STATE	= 0x04,
	USB_DONE	= 1 << 0,	/* written: send it */
	USB_ROOM	= 1 << 1,
	USB_WAITING	= 1 << 2,	/* bytes are there */
	USB_PACKET	= 63,		/* a full packet of 64 would wait for
					 * another one (F) */

	/* SPI: S, spi_reg.h and spi_mem_reg.h. */
	SPI_BYTES	= 64,
	SPI_USER	= 1 << 18,	/* of the command register */
	SPI_ADDR	= 4,
	USER_COMMAND	= 31,
	USER_ADDR	= 30,
	USER_DUMMY	= 29,
	USER_READ	= 28,
	USER_SEND	= 27,
	USER1_ADDR	= 26,
	USER1_SEND	= 17,		/* where it holds the lengths */
	USER1_READ	= 8,
	USER2_BITS	= 28,

	/* SYSTIMER: I, systimer_reg.h. */
	TIMER_LATCH	= 0x04,
	TIMER_LOW	= 0x44,
	TIMER_UPDATE	= 1 << 30,
	TIMER_VALID	= 1 << 29,
	TIMER_POLLS	= 100,

	CLOCK_UNIT	= 100,		/* baud; keeps products in 32 bits */
	WAIT_POLLS	= 1 << 20,	/* of a controller, that never takes so
					 * long */
	ROM_FLASH_BYTES	= 16 << 20,	/* that ROM functions can address */
};

/* What has come so far of what may be a packet: at 0 it is none, its first byte
 * is at 1. */
struct esp_packet {
	uint32_t	at, end;
};

static struct {
	enum port		port;		/* where the host is */
	uint32_t		usb_sent;	/* bytes of the packet */
	uint32_t		clock;		/* divider * baud, once known */
	bool			ticks;
	uint32_t		user[3];	/* registers, as the ROM has
						 * them */
	struct esp_packet	packet[2];
} esp;

static inline volatile uint32_t *
reg(uint32_t addr)
{
	return (volatile uint32_t *)(uintptr_t)addr;
}

/* ---- functions of the ROM ---- */

#if defined(__riscv) || defined(STUB_LX106)
#ifdef STUB_LX106
void start_leave(uint32_t);
#define ROM_INTERRUPTS_ON()	\
	__asm__ volatile("wsr %0, ps\n\trsync" : : "a"(0x20))
#else
#define ROM_INTERRUPTS_ON()	__asm__ volatile("csrsi mstatus, 8")
#endif

static uint32_t
rom_call(uint32_t function, uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t	(*f)(uint32_t, uint32_t, uint32_t);

	f = (uint32_t (*)(uint32_t, uint32_t, uint32_t))(uintptr_t)function;
	return f(a, b, c);
}

/* A program expects interrupts. */
static void
rom_jump(uint32_t entry)
{
	ROM_INTERRUPTS_ON();
	(void)rom_call(entry, 0, 0, 0);
}
#else
enum {
	PS_WINDOWS	= 1 << 18,
	PS_USER		= 1 << 5,
	PS_MASKED	= 15,
};

uint32_t start_windowed(uint32_t function, uint32_t a, uint32_t b, uint32_t c,
	    uint32_t ps);

static uint32_t
rom_call(uint32_t function, uint32_t a, uint32_t b, uint32_t c)
{
	return start_windowed(function, a, b, c,
	    PS_WINDOWS | PS_USER | PS_MASKED);
}

/* As from the ROM: windows, and its interrupts. */
static void
rom_jump(uint32_t entry)
{
	(void)start_windowed(entry, 0, 0, 0, PS_WINDOWS | PS_USER);
}
#endif

/* ---- line ---- */

static uint32_t
uart_level(uint32_t shift)
{
	return *reg(machine.uart.base + UART_STATUS) >> shift &
	    machine.uart.count;
}

/* The level is read once: reading an empty FIFO gives junk. */
static uint32_t
uart_receive(uint8_t *to, uint32_t max)
{
	uint32_t	n = uart_level(0);

	if (n > max)
		n = max;
	for (uint32_t i = 0; i < n; i++)
		to[i] = *reg(machine.uart.base);
	return n;
}

static uint32_t
uart_send(const uint8_t *from, uint32_t len)
{
	uint32_t	used = uart_level(UART_SENT_SHIFT);
	uint32_t	room = used < UART_ROOM ? UART_ROOM - used : 0;

	if (len > room)
		len = room;
	for (uint32_t i = 0; i < len; i++)
		*reg(machine.uart.write) = from[i];
	return len;
}

static uint32_t
usb_receive(uint8_t *to, uint32_t max)
{
	uint32_t	n = 0;

	while (n < max && (*reg(machine.usb + USB_STATE) & USB_WAITING))
		to[n++] = *reg(machine.usb);
	return n;
}

static void
usb_flush(void)
{
	if (esp.usb_sent)
		*reg(machine.usb + USB_STATE) = USB_DONE;
	esp.usb_sent = 0;
}

static uint32_t
usb_send(const uint8_t *from, uint32_t len)
{
	uint32_t	n = 0;

	while (n < len && (*reg(machine.usb + USB_STATE) & USB_ROOM)) {
		*reg(machine.usb) = from[n++];
		if (++esp.usb_sent == USB_PACKET)
			usb_flush();
	}
	return n;
}

/*
 * One byte from a port, as long as nobody knows where the host is.  Is it, by
 * its place, part of a packet to us?  Then the core shall have it; noise on the
 * other port it shall not.  The first packet that is as long as it says
 * decides.  (Escapes count double here, which does no harm.)
 */
static bool
esp_packet_byte(enum port port, uint8_t byte)
{
	struct esp_packet	*p = &esp.packet[port - PORT_UART];

	if (byte == 0xc0) {
		if (p->at > 8 && p->at > p->end)
			esp.port = port;
		p->at = 1;
		return true;
	}
	if (p->at == 1 && byte != 0)
		p->at = 0;
	if (p->at == 0)
		return false;
	if (p->at == 3)
		p->end = 8 + byte;
	if (p->at == 4)
		p->end += byte << 8;
	p->at++;
	return true;
}

static uint32_t
port_receive(enum port port, uint8_t *to, uint32_t max)
{
	if (machine.usb != 0 && port == PORT_USB)
		return usb_receive(to, max);
	return uart_receive(to, max);
}

/* Both ports, while nobody knows where the host is. */
static uint32_t
esp_listen(uint8_t *to, uint32_t max)
{
	uint32_t	n = 0;

	for (enum port port = PORT_UART; port <= PORT_USB; port++) {
		while (n < max && esp.port == PORT_ANY &&
		    port_receive(port, to + n, 1))
			n += esp_packet_byte(port, to[n]);
	}
	return n;
}

uint32_t
hal_receive(struct stub *s, uint8_t *to, uint32_t max)
{
	(void)s;
	if (machine.usb != 0 && esp.port == PORT_ANY)
		return esp_listen(to, max);
	return port_receive(esp.port, to, max);
}

/* To both ports while nobody knows where the host is: that is the greeting,
 * which is short, and USB may have nobody who fetches it. */
uint32_t
hal_send(struct stub *s, const uint8_t *from, uint32_t len)
{
	(void)s;
	if (machine.usb != 0 && esp.port == PORT_USB)
		return usb_send(from, len);
	len = uart_send(from, len);
	if (machine.usb != 0 && esp.port == PORT_ANY)
		(void)usb_send(from, len);
	return len;
}

void
hal_send_end(struct stub *s)
{
	(void)s;
	if (machine.usb != 0 && esp.port != PORT_UART)
		usb_flush();
}

/* Until all has left, the byte in the shift register included. */
static void
esp_drain(struct stub *s, uint32_t baud)
{
	for (uint32_t n = WAIT_POLLS; n && uart_level(UART_SENT_SHIFT); n--)
		;
	hal_delay(s, 20000000 / (baud < 300 ? 300 : baud));
}

/*
 * No clock tree is known here: the divider that serves now is right, and so is
 * any that is as much bigger as the rate is smaller.  What the host believes in
 * counts once only, the first time: later it may have forgotten.
 */
void
hal_baud(struct stub *s, uint32_t was, uint32_t baud)
{
	uint32_t	now = *reg(machine.uart.base + UART_DIVIDER);
	uint32_t	whole = now & machine.uart.divider, divider, unit;

	if (machine.usb != 0 && esp.port == PORT_USB)
		return;
	esp_drain(s, was);
	now = machine.uart.no_fraction ? whole << 4 :
	    whole << 4 | (now >> UART_FRACTION & 15);
	if (esp.clock == 0)
		esp.clock = now * (was / CLOCK_UNIT);
	unit = baud / CLOCK_UNIT;
	if (unit == 0 || esp.clock == 0)
		return;
	divider = (esp.clock + unit / 2) / unit;
	if (machine.uart.no_fraction)
		divider = (divider + 8) & ~15u;
	if (divider < 16 || divider >> 4 > machine.uart.divider)
		return;
	*reg(machine.uart.base + UART_DIVIDER) =
	    divider >> 4 | (divider & 15) << UART_FRACTION;
	if (machine.uart.update == 0)
		return;
	*reg(machine.uart.base + machine.uart.update) = 1;
	for (uint32_t n = WAIT_POLLS; n; n--) {
		if ((*reg(machine.uart.base + machine.uart.update) & 1) == 0)
			break;
	}
}

/* ---- flash ---- */

static inline volatile uint32_t *
spi(uint32_t offset)
{
	return reg(machine.spi.base + offset);
}

static void
esp_wait(uint32_t addr, uint32_t busy)
{
	for (uint32_t n = WAIT_POLLS; n && (*reg(addr) & busy); n--)
		;
}

/* The controller's bytes, which can be had by words only. */
static void
spi_fill(const uint8_t *from, uint32_t len)
{
	uint32_t	words[SPI_BYTES / 4];

	__builtin_memcpy(words, from, len);
	for (uint32_t i = 0; i < len; i += 4)
		*spi(machine.spi.data + i) = words[i / 4];
}

static void
spi_fetch(uint8_t *to, uint32_t len)
{
	uint32_t	words[SPI_BYTES / 4];

	for (uint32_t i = 0; i < len; i += 4)
		words[i / 4] = *spi(machine.spi.data + i);
	__builtin_memcpy(to, words, len);
}

void
hal_spi(struct stub *s, const struct hal_spi *t)
{
	uint32_t	user = 1u << USER_COMMAND, user1 = 0;

	(void)s;
	if (machine.spi.cache != 0)
		esp_wait(machine.spi.cache, machine.spi.cache_busy);
	if (t->addr_bits) {
		user |= 1u << USER_ADDR;
		user1 |= (uint32_t)(t->addr_bits - 1) << USER1_ADDR;
		*spi(SPI_ADDR) = machine.spi.addr_high ?
		    t->addr << (32 - t->addr_bits) : t->addr;
	}
	if (t->dummy_bits) {
		user |= 1u << USER_DUMMY;
		user1 |= t->dummy_bits - 1;
	}
	if (t->send_len) {
		user |= 1u << USER_SEND;
		spi_fill(t->send, t->send_len);
		if (machine.spi.sent != 0)
			*spi(machine.spi.sent) = t->send_len * 8 - 1;
		else
			user1 |= (t->send_len * 8 - 1) << USER1_SEND;
	}
	if (t->read_len) {
		user |= 1u << USER_READ;
		if (machine.spi.read != 0)
			*spi(machine.spi.read) = t->read_len * 8 - 1;
		else
			user1 |= (t->read_len * 8 - 1) << USER1_READ;
	}
	*spi(machine.spi.user) = user;
	*spi(machine.spi.user1) = user1;
	*spi(machine.spi.user2) = 7u << USER2_BITS | t->command;
	*spi(0) = SPI_USER;
	esp_wait(machine.spi.base, SPI_USER);
	spi_fetch(t->read, t->read_len);
}

/* Flash in the package may hang on other pins, which fuses tell.  ESP32: as its
 * ROM does when it starts, UART0's TXD held low means the second set (S). */
static uint32_t
esp_pins(void)
{
	uint32_t	pins = 0;

	if (machine.rom.pins != 0)
		pins = rom_call(machine.rom.pins, 0, 0, 0);
	if (machine.strap != 0 && pins == 0 &&
	    (*reg(machine.strap) & 0x1c) == 0x08)
		pins = 1;
	return pins;
}

void
hal_attach(struct stub *s, uint32_t pins)
{
	(void)s;
	if (machine.rom.pads != 0)
		(void)rom_call(machine.rom.pads, 0, 0, 0);
	if (pins == 0)
		pins = esp_pins();
	if (machine.rom.powered != 0 &&
	    *reg(machine.rom.revision) >= machine.rom.powered_from &&
	    (*reg(machine.rom.powered_fuse) & machine.rom.powered_bit))
		(void)rom_call(machine.rom.powered, pins, 0, true);
	else
		(void)rom_call(machine.rom.attach, pins, 0, 0);
	esp.user[0] = *spi(machine.spi.user);
	esp.user[1] = *spi(machine.spi.user1);
	esp.user[2] = *spi(machine.spi.user2);
}

/* The ROM's function knows a flash of a few megabytes, and registers as itself
 * left them. */
int
hal_encrypt(struct stub *s, uint32_t addr, const uint8_t *data, uint32_t len)
{
	uint32_t	flash = machine.rom.flash;

	(void)s;
	if (machine.rom.encrypt == 0 ||
	    ((addr | len) & (machine.rom.encrypt_unit - 1)) != 0 ||
	    addr + len > ROM_FLASH_BYTES)
		return -1;
	*spi(machine.spi.user) = esp.user[0];
	*spi(machine.spi.user1) = esp.user[1];
	*spi(machine.spi.user2) = esp.user[2];
	if (machine.rom.flash_pointer)
		flash = *reg(flash);
	*reg(flash + 4) = ROM_FLASH_BYTES;
	return rom_call(machine.rom.encrypt, addr, (uint32_t)(uintptr_t)data,
	    len) == 0 ? 0 : -1;
}

/* ---- the rest ---- */

uint32_t
hal_caps(struct stub *s)
{
	uint32_t	caps = machine.caps;

	(void)s;
	if (machine.rom.encrypt != 0)
		caps |= EXT_CAP_ENCRYPT;
	if (machine.rom.security != 0)
		caps |= EXT_CAP_SECINFO;
	if (esp.ticks)
		caps |= EXT_CAP_TICKS;
	return caps;
}

uint32_t
hal_chip(struct stub *s)
{
	(void)s;
	return machine.id;
}

uint32_t
hal_security(struct stub *s, uint8_t *out)
{
	uint32_t	words[HAL_SECINFO / 4];	/* aligned, for the ROM */
	uint32_t	function = machine.rom.security;

	(void)s;
	if (function == 0)
		return 0;
	if (machine.rom.revision != 0 &&
	    *reg(machine.rom.revision) < machine.rom.security_from)
		function = machine.rom.security_old;
	if (rom_call(function, 0, 0, (uint32_t)(uintptr_t)words) != 0)
		return 0;
	__builtin_memcpy(out, words, machine.rom.security_len);
	return machine.rom.security_len;
}

uint32_t
hal_read(struct stub *s, uint32_t addr)
{
	(void)s;
	return *reg(addr);
}

void
hal_write(struct stub *s, uint32_t addr, uint32_t value)
{
	(void)s;
	*reg(addr) = value;
}

/* A turn takes two cycles at least, on any of these cores. */
void
hal_delay(struct stub *s, uint32_t us)
{
	(void)s;
	for (uint32_t n = us * (machine.mhz / 2); n; n--)
		__asm__ volatile("");
}

static uint32_t
esp_count(void)
{
#ifdef __XTENSA__
	uint32_t	n;

	__asm__ volatile("rsr %0, ccount" : "=a"(n));
	return n;
#else
	*reg(machine.timer + TIMER_LATCH) = TIMER_UPDATE;
	for (uint32_t n = TIMER_POLLS; n; n--) {
		if (*reg(machine.timer + TIMER_LATCH) & TIMER_VALID)
			break;
	}
	return *reg(machine.timer + TIMER_LOW);
#endif
}

uint32_t
hal_ticks(struct stub *s)
{
	(void)s;
	return esp.ticks ? esp_count() : 0;
}

void
hal_idle(struct stub *s)
{
	(void)s;
}

void
hal_jump(struct stub *s, uint32_t entry)
{
	esp_drain(s, 0);
	rom_jump(entry);
}

void
hal_restart(struct stub *s)
{
	esp_drain(s, 0);
	(void)rom_call(machine.rom.restart, 0, 0, 0);
}

void
hal_run(struct stub *s)
{
#ifdef STUB_LX106
	esp_drain(s, 0);
	(void)rom_call(machine.rom.user_start, 0, 0, 0);
	start_leave(machine.rom.boot);
#else
	(void)s;
#endif
}

static void
esp_watchdogs_off(void)
{
	const struct machine_watchdog	*w = &machine.watchdog;

	if (w->config != 0) {
		*reg(w->protect) = MACHINE_WATCHDOG_KEY;
		*reg(w->config) = 0;
		*reg(w->protect) = 0;
	}
	if (w->super != 0) {
		*reg(w->super_protect) = w->super_key;
		*reg(w->super) |= w->super_feed;
		*reg(w->super_protect) = 0;
	}
}

void
hal_init(struct stub *s)
{
	uint32_t	before;

	esp_watchdogs_off();
	hal_attach(s, 0);
	before = esp_count();
	hal_delay(s, 10);
	esp.ticks = esp_count() != before;
}
