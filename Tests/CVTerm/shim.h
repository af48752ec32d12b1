#ifndef SWITCHBACK_CVTERM_H
#define SWITCHBACK_CVTERM_H
#include <vterm.h>
#endif
