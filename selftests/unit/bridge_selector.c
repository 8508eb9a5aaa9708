// SPDX-License-Identifier: GPL-2.0
/* What a rule of the bridge says: any bytes at all, and prefixes against a model of them. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include <xl4/userland.h>

#define U16_MAX	UINT16_MAX

/* As the kernel's, of which the parser uses no more. */
static int in4_pton(const char *text, int len, u8 *addr, int end, const char **rest)
{
	(void)len, (void)end, (void)rest;
	return inet_pton(AF_INET, text, addr) == 1;
}

static int in6_pton(const char *text, int len, u8 *addr, int end, const char **rest)
{
	(void)len, (void)end, (void)rest;
	return inet_pton(AF_INET6, text, addr) == 1;
}

#include "../../net/bridge/selector.c"

#define LONGEST 4096

/* The words end where a page ends that nothing follows. */
static int parse(const char *bytes, size_t len, struct xbridge_selector *selector)
{
	static char *end;

	if (!end) {
		char *pages = mmap(NULL, 2 * LONGEST, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (pages == MAP_FAILED || mprotect(pages + LONGEST, LONGEST, PROT_NONE))
			abort();
		end = pages + LONGEST;
	}
	memcpy(end - len - 1, bytes, len);
	end[-1] = '\0';
	return xbridge_selector_parse(end - len - 1, selector);
}

static void say(char *line, const struct xbridge_selector *s)
{
	const struct { const char *name; const struct xbridge_side *side; } sides[] = {
		{ "local", &s->local }, { "remote", &s->remote },
	};
	char addr[INET6_ADDRSTRLEN];

	line += sprintf(line, "%s", xbridge_names[s->protocol]);
	if (*s->device)
		line += sprintf(line, " dev %s", s->device);
	for (size_t i = 0; i < 2; i++) {
		const struct xbridge_side *side = sides[i].side;
		bool v4 = s->family == XBRIDGE_V4;

		if (!side->prefix && !side->first_port)
			continue;
		line += sprintf(line, " %s", sides[i].name);
		if (side->prefix)
			line += sprintf(line, " %s/%d",
					inet_ntop(v4 ? AF_INET : AF_INET6,
						  side->addr.in6.s6_addr + (v4 ? 12 : 0),
						  addr, sizeof(addr)), side->length - (v4 ? 96 : 0));
		if (side->first_port)
			line += sprintf(line, " port %d-%d", side->first_port, side->last_port);
	}
}

static bool is_sane(const struct xbridge_selector *s)
{
	return s->protocol < XBRIDGE_PROTOCOLS && !s->device[XBRIDGE_DEVICE_LEN - 1] &&
	       s->local.length <= 128 && s->remote.length <= 128 &&
	       s->local.first_port <= s->local.last_port &&
	       s->remote.first_port <= s->remote.last_port;
}

/* Words of the language, and bytes that are none, in any order. */
TEST(any_bytes)
{
	static const char *const words[] = {
		"tcp", "udplite", "dev", "eth0", "local", "remote", "port", "80", "1-2", "65535", "0",
		"10.0.0.0/8", "fd00::/8", "::", "1.2.3.4", "/", "-", "", " ", "\t", "x", "99999999999",
	};
	struct xbridge_selector selector, again;
	unsigned int accepted = 0;

	srandom(1);
	for (int round = 0; round < 300000; round++) {
		char line[LONGEST] = "", said[256];
		size_t len;

		for (int n = random() % 10; n >= 0; n--) {
			strcat(line, words[random() % (sizeof(words) / sizeof(words[0]))]);
			strcat(line, random() % 8 ? " " : "");
		}
		len = strlen(line);
		if (!(random() % 4) && len)
			line[random() % len] = random() % 255 + 1;
		if (parse(line, len, &selector))
			continue;
		accepted++;
		ASSERT_TRUE(is_sane(&selector)) TH_LOG("%s", line);
		say(said, &selector);
		ASSERT_EQ(0, parse(said, strlen(said), &again)) TH_LOG("%s: %s", line, said);
		ASSERT_EQ(0, memcmp(&selector, &again, sizeof(again))) TH_LOG("%s: %s", line, said);
	}
	EXPECT_LT(1000, accepted);
}

static bool same_bits(const u8 *a, const u8 *b, unsigned int bits)
{
	for (unsigned int bit = 0; bit < bits; bit++)
		if ((a[bit / 8] ^ b[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* Each length, with addresses that differ in one bit. */
TEST(prefixes)
{
	struct xbridge_selector selector;
	u8 base[16], other[16];
	char text[64], line[128];

	srandom(2);
	for (int i = 0; i < 16; i++)
		base[i] = random();
	inet_ntop(AF_INET6, base, text, sizeof(text));
	for (int length = 0; length <= 128; length++) {
		sprintf(line, "tcp remote %s/%d", text, length);
		ASSERT_EQ(0, parse(line, strlen(line), &selector));
		for (int bit = 0; bit <= 128; bit++) {
			struct xl4_addr addr;

			memcpy(other, base, 16);
			if (bit < 128)
				other[bit / 8] ^= 0x80 >> bit % 8;
			memcpy(addr.in6.s6_addr, other, 16);
			ASSERT_EQ(same_bits(base, other, length),
				  xbridge_side_has(&selector.remote, &addr, htons(1)))
				TH_LOG("/%d, bit %d", length, bit);
		}
	}
}

TEST(ports)
{
	static const struct { const char *words; u16 first, last; } cases[] = {
		{ "tcp local port 80", 80, 80 }, { "tcp local port 1-65535", 1, 65535 },
		{ "tcp local port 7-9", 7, 9 }, { "tcp", 0, 65535 },
	};
	struct xl4_addr addr = xl4_addr_v4(htonl(0x0a000001));
	struct xbridge_selector selector;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ASSERT_EQ(0, parse(cases[i].words, strlen(cases[i].words), &selector));
		for (int port = 0; port <= 65535; port++)
			ASSERT_EQ(port >= cases[i].first && port <= cases[i].last,
				  xbridge_side_has(&selector.local, &addr, htons(port)));
	}
}

TEST_HARNESS_MAIN
