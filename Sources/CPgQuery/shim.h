#ifndef SWITCHBACK_CPGQUERY_H
#define SWITCHBACK_CPGQUERY_H
#include <pg_query.h>
#endif
