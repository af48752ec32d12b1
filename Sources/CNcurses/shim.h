#ifndef SWITCHBACK_CNCURSES_H
#define SWITCHBACK_CNCURSES_H
#define NCURSES_WIDECHAR 1
#include <curses.h>
#endif
