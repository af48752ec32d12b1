#ifndef SWITCHBACK_CNCURSES_H
#define SWITCHBACK_CNCURSES_H
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdint.h>

/* What Swift cannot import from curses: macros, C globals, calls that take a wide string or a variable number of
   arguments, or that hold a pointer to one of the globals. Everything here is called from CursesTerminal.swift and
   CursesTerminal+Keys.swift, and from nowhere else, but for the calls of the C library below. */

/* Of <term.h>, whose hundreds of macros would come along. */
extern char *tigetstr(const char *capability);

/* Of the C library, which declares them for programs that ask for GNU names only. */
extern int memfd_create(const char *name, unsigned int flags);
extern int dup3(int from, int to, int flags);
extern int wcwidth(wchar_t scalar);

/* The screen of a terminal of that type, drawn through `output`; without a type that of TERM. */
static inline SCREEN *sb_open(const char *type, FILE *output) { return newterm(type, output, stdin); }

/* A capability of the terminal's description; null where it has none. */
static inline const char *sb_capability(const char *name) {
    char *capability = tigetstr(name);
    return capability == (char *)-1 ? (char *)0 : capability;
}

/* What curses writes to choose a colour; null where the terminal has none. The next call overwrites it. */
static inline const char *sb_colour_sequence(int colour, int of_background) {
    const char *capability = sb_capability(of_background ? "setab" : "setaf");
    return capability ? tparm(capability, colour) : (char *)0;
}

/* Key codes of ours, above those of curses, for the brackets around pasted text and the start of a report of the mouse. */
#define SB_PASTE_START 2000
#define SB_PASTE_END 2001
#define SB_MOUSE 2002

static inline void sb_prepare(int with_colour) {
    raw();
    noecho();
    nonl();
    keypad(stdscr, 1);
    nodelay(stdscr, 1);
    leaveok(stdscr, 1);
    typeahead(-1);
    curs_set(0);
    define_key("\033[200~", SB_PASTE_START);
    define_key("\033[201~", SB_PASTE_END);
    define_key("\033[<", SB_MOUSE);
    if (with_colour && has_colors()) {
        start_color();
        use_default_colors();
    }
}

static inline int sb_colours(void) { return has_colors() ? COLORS : 0; }
static inline int sb_rows(void) { return getmaxy(stdscr); }
static inline int sb_columns(void) { return getmaxx(stdscr); }

/* Writes one glyph, at most five scalars, at a place. Where the C library does not know its scalar, or knows another
   width, curses would lose count of the columns: then U+FFFD is written into each of them. */
static inline void sb_put(
    int row, int column, const uint32_t *scalars, int count, int columns, uint32_t attributes, int pair) {
    wchar_t text[CCHARW_MAX + 1];
    int length = count < CCHARW_MAX ? count : CCHARW_MAX;
    for (int index = 0; index < length; index++) text[index] = (wchar_t)scalars[index];
    text[length] = 0;
    cchar_t cell;
    if (wcwidth(text[0]) == columns) {
        if (setcchar(&cell, text, (attr_t)attributes, 0, &pair) == OK) mvadd_wch(row, column, &cell);
        return;
    }
    if (setcchar(&cell, L"\xFFFD", (attr_t)attributes, 0, &pair) != OK) return;
    for (int index = 0; index < columns; index++) mvadd_wch(row, column + index, &cell);
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
