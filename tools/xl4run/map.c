// SPDX-License-Identifier: GPL-2.0
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "map.h"

#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE	136
#endif

static const struct {
	const char *name;
	int standard;
	int type;
} protocols[XL4MAP_NAMES] = {
	[XL4MAP_UDP]	 = { "udp",	IPPROTO_UDP,	 SOCK_DGRAM },
	[XL4MAP_UDPLITE] = { "udplite",	IPPROTO_UDPLITE, SOCK_DGRAM },
	[XL4MAP_TCP]	 = { "tcp",	IPPROTO_TCP,	 SOCK_STREAM },
	[XL4MAP_SCTP]	 = { "sctp",	IPPROTO_SCTP,	 SOCK_STREAM },
	[XL4MAP_DCCP]	 = { "dccp",	IPPROTO_DCCP,	 SOCK_DCCP },
};

const char *xl4map_name(enum xl4map_name name)
{
	return protocols[name].name;
}

int xl4map_type(enum xl4map_name name)
{
	return protocols[name].type;
}

static int name_of(const char *text, size_t len)
{
	int i;

	for (i = 0; i < XL4MAP_NAMES; i++)
		if (strlen(protocols[i].name) == len &&
		    !strncmp(protocols[i].name, text, len))
			return i;
	return -1;
}

/* Reads one "name=number"; returns what follows it, or NULL. */
static const char *parse_entry(struct xl4map *map, const char *text)
{
	size_t len = strcspn(text, "=,");
	int name = name_of(text, len);
	char *end;
	long number;

	if (name < 0 || text[len] != '=')
		return NULL;
	text += len + 1;
	number = strtol(text, &end, 10);
	if (end == text || number < 1 || number > 255)
		return NULL;
	map->number[name] = number;
	return end;
}

int xl4map_parse(struct xl4map *map, const char *text)
{
	*map = (struct xl4map){};
	do {
		text = parse_entry(map, text);
		if (!text)
			return -1;
	} while (*text++ == ',');
	return text[-1] ? -1 : 0;
}

/* What protocol 0 means to the kernel for each type of socket. */
static int default_protocol(int type)
{
	switch (type) {
	case SOCK_DGRAM:
		return IPPROTO_UDP;
	case SOCK_STREAM:
		return IPPROTO_TCP;
	case SOCK_SEQPACKET:
		return IPPROTO_SCTP;
	case SOCK_DCCP:
		return IPPROTO_DCCP;
	default:
		return 0;
	}
}

static int carries(int name, int type)
{
	if (name == XL4MAP_SCTP && type == SOCK_SEQPACKET)
		return 1;
	return protocols[name].type == type;
}

int xl4map_to_xl4(const struct xl4map *map, int domain, int type, int protocol)
{
	int standard, i;

	if (domain != AF_INET && domain != AF_INET6)
		return protocol;
	type &= ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	standard = protocol ? protocol : default_protocol(type);
	for (i = 0; i < XL4MAP_NAMES; i++)
		if (map->number[i] && protocols[i].standard == standard &&
		    carries(i, type))
			return map->number[i];
	return protocol;
}

int xl4map_to_standard(const struct xl4map *map, int protocol)
{
	int i;

	for (i = 0; i < XL4MAP_NAMES; i++)
		if (map->number[i] && map->number[i] == protocol)
			return protocols[i].standard;
	return protocol;
}
