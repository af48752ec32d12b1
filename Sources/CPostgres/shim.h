#ifndef SWITCHBACK_CPOSTGRES_H
#define SWITCHBACK_CPOSTGRES_H
#include <libpq-fe.h>
#include <poll.h>
#endif
