#ifndef SWITCHBACK_CNCURSES_H
#define SWITCHBACK_CNCURSES_H
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdint.h>

/* What Swift cannot import from curses: macros, C globals, and calls that take a wide string or hold a pointer
   to one of the globals. Everything here is called from Terminal.swift and from nowhere else. */

/* Of <term.h>, whose hundreds of macros would come along. */
extern char *tigetstr(const char *capability);

static inline SCREEN *sb_open(const char *type) { return newterm(type, stdout, stdin); }

/* 0 where the terminal cannot even move its cursor (TERM=dumb). */
static inline int sb_can_address(void) {
    char *capability = tigetstr("cup");
    return capability != (char *)0 && capability != (char *)-1;
}

/* Key codes of ours, above those of curses, for the brackets around pasted text. */
#define SB_PASTE_START 2000
#define SB_PASTE_END 2001

static inline void sb_prepare(int with_colour) {
    raw();
    noecho();
    nonl();
    keypad(stdscr, 1);
    nodelay(stdscr, 1);
    leaveok(stdscr, 1);
    curs_set(0);
    define_key("\033[200~", SB_PASTE_START);
    define_key("\033[201~", SB_PASTE_END);
    if (with_colour && has_colors()) {
        start_color();
        use_default_colors();
    }
}

static inline int sb_colours(void) { return has_colors() ? COLORS : 0; }
static inline int sb_rows(void) { return getmaxy(stdscr); }
static inline int sb_columns(void) { return getmaxx(stdscr); }

/* Writes one glyph, at most five scalars, at a place. */
static inline void sb_put(int row, int column, const uint32_t *scalars, int count, uint32_t attributes, int pair) {
    wchar_t text[CCHARW_MAX + 1];
    int length = count < CCHARW_MAX ? count : CCHARW_MAX;
    for (int index = 0; index < length; index++) text[index] = (wchar_t)scalars[index];
    text[length] = 0;
    cchar_t cell;
    if (setcchar(&cell, text, (attr_t)attributes, 0, &pair) == OK) mvadd_wch(row, column, &cell);
}

static inline int sb_read(uint32_t *value) {
    wint_t read = 0;
    int code = wget_wch(stdscr, &read);
    *value = (uint32_t)read;
    return code;
}

static inline void sb_show(void) {
    wnoutrefresh(stdscr);
    doupdate();
}
static inline void sb_clear(void) {
    clearok(curscr, 1);
    werase(stdscr);
}

static inline uint32_t sb_bold(void) { return (uint32_t)A_BOLD; }
static inline uint32_t sb_dim(void) { return (uint32_t)A_DIM; }
static inline uint32_t sb_italic(void) { return (uint32_t)A_ITALIC; }
static inline uint32_t sb_underline(void) { return (uint32_t)A_UNDERLINE; }
static inline uint32_t sb_reverse(void) { return (uint32_t)A_REVERSE; }

#endif
