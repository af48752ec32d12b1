#ifndef SWITCHBACK_CNCURSES_H
#define SWITCHBACK_CNCURSES_H
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdint.h>

/* What Swift cannot import from curses: macros, C globals, calls that take a wide string or a variable number of
   arguments, or that hold a pointer to one of the globals. Everything here is called from CursesTerminal.swift,
   CursesTerminal+Input.swift and TerminalKind+Description.swift, but for the calls of the C library below. */

/* Of <term.h>, whose hundreds of macros would come along. */
extern char *tigetstr(const char *capability);
extern int setupterm(const char *type, int descriptor, int *error);
extern void *set_curterm(void *terminal);
extern int del_curterm(void *terminal);

/* Of the C library, which declares them for programs that ask for GNU names only. */
extern int memfd_create(const char *name, unsigned int flags);
extern int dup3(int from, int to, int flags);
extern int wcwidth(wchar_t scalar);

/* What the system's descriptions say about a type of terminal: SB_UNKNOWN, SB_LINES (it cannot move its cursor to a
   place) or SB_SCREEN. No screen may be open. */
#define SB_UNKNOWN 0
#define SB_LINES 1
#define SB_SCREEN 2
static inline int sb_describe(const char *type) {
    int error = 0;
    /* 1 with a failure is a terminal that prints on paper. */
    if (setupterm(type, 1, &error) != OK) return error == 1 ? SB_LINES : SB_UNKNOWN;
    char *address = tigetstr("cup");
    int found = address == (char *)0 || address == (char *)-1 ? SB_LINES : SB_SCREEN;
    del_curterm(set_curterm((void *)0));
    return found;
}

/* The screen of a terminal of that type, drawn through `output`. */
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

/* Sets the terminal's modes. It writes nothing. Call it while curses has the terminal itself. */
static inline void sb_set_modes(void) {
    raw();
    noecho();
    nonl();
}

/* The window that keys are read through. It is a pad, because reading from any other window would draw it. */
static inline WINDOW *sb_prepare(int with_colour) {
    WINDOW *keys = newpad(1, 1);
    if (!keys) return keys;
    keypad(keys, 1);
    nodelay(keys, 1);
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
    return keys;
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

static inline int sb_read(WINDOW *keys, uint32_t *value) {
    wint_t read = 0;
    int code = wget_wch(keys, &read);
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
