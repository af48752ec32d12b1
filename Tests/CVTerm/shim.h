#ifndef SWITCHBACK_CVTERM_H
#define SWITCHBACK_CVTERM_H
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <vterm.h>

/* Declared by glibc for programs that ask for X/Open or GNU names only. */
extern int posix_openpt(int flags);
extern int grantpt(int descriptor);
extern int unlockpt(int descriptor);
extern int ptsname_r(int descriptor, char *name, size_t length);
#ifndef POSIX_SPAWN_SETSID
#define POSIX_SPAWN_SETSID 0x80
#endif

/* Opens the upper end of a pseudo-terminal of that size and writes the lower end's name; -1 where it fails. */
static inline int sb_open_pseudo_terminal(char *name, size_t length, int rows, int columns) {
    int descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    struct winsize size = {(unsigned short)rows, (unsigned short)columns, 0, 0};
    if (grantpt(descriptor) || unlockpt(descriptor) || ptsname_r(descriptor, name, length) ||
        ioctl(descriptor, TIOCSWINSZ, &size)) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static inline int sb_resize_pseudo_terminal(int descriptor, int rows, int columns) {
    struct winsize size = {(unsigned short)rows, (unsigned short)columns, 0, 0};
    return ioctl(descriptor, TIOCSWINSZ, &size);
}

/* Starts a program in a session of its own, the terminal as its standard streams and, being the first one a new
   session opens, as its controlling terminal. The signal mask is emptied: test threads block signals. Returns the
   error number. */
static inline int sb_spawn_on_terminal(
    const char *path, char *const arguments[], char *const environment[], const char *terminal, pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t empty, all;
    sigemptyset(&empty);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_adddup2(&actions, 0, 2);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &empty);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(
        &attributes, (short)(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    int error = posix_spawn(process, path, &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* The scalars of a cell, ended by 0, and its width in columns; 0 for the right half of a wide character. */
static inline int sb_cell(const VTermScreen *screen, int row, int column, uint32_t scalars[VTERM_MAX_CHARS_PER_CELL]) {
    VTermPos place = {row, column};
    VTermScreenCell cell;
    if (!vterm_screen_get_cell(screen, place, &cell)) return -1;
    for (int index = 0; index < VTERM_MAX_CHARS_PER_CELL; index++) scalars[index] = cell.chars[index];
    if (cell.chars[0] == (uint32_t)-1) return 0;
    return cell.width;
}

/* The palette index of a cell's text, -1 for the terminal's own colour, -2 for one of 24 bits. */
static inline int sb_cell_foreground(const VTermScreen *screen, int row, int column) {
    VTermPos place = {row, column};
    VTermScreenCell cell;
    if (!vterm_screen_get_cell(screen, place, &cell)) return -1;
    if (VTERM_COLOR_IS_DEFAULT_FG(&cell.fg)) return -1;
    return VTERM_COLOR_IS_INDEXED(&cell.fg) ? cell.fg.indexed.idx : -2;
}

/* A colour of a cell: -1 for the terminal's own, an index below 256, or 24 bits above 0x1000000. */
static inline int sb_colour(const VTermColor *colour, int is_own) {
    if (is_own) return -1;
    if (VTERM_COLOR_IS_INDEXED(colour)) return colour->indexed.idx;
    return 0x1000000 | colour->rgb.red << 16 | colour->rgb.green << 8 | colour->rgb.blue;
}

/* Both colours of a cell and its attributes: 1 bold, 2 dim (which libvterm does not keep), 4 italic, 8 underline,
   16 reverse. */
static inline int sb_cell_style(const VTermScreen *screen, int row, int column, int *foreground, int *background) {
    VTermPos place = {row, column};
    VTermScreenCell cell;
    if (!vterm_screen_get_cell(screen, place, &cell)) return -1;
    *foreground = sb_colour(&cell.fg, VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
    *background = sb_colour(&cell.bg, VTERM_COLOR_IS_DEFAULT_BG(&cell.bg));
    return (cell.attrs.bold ? 1 : 0) | (cell.attrs.italic ? 4 : 0) | (cell.attrs.underline ? 8 : 0) |
           (cell.attrs.reverse ? 16 : 0);
}

/* Whether a terminal shows what is typed and hands it on in lines, as a shell expects; -1 where it cannot be known. */
static inline int sb_is_cooked(int descriptor) {
    struct termios modes;
    if (tcgetattr(descriptor, &modes)) return -1;
    return (modes.c_lflag & (ECHO | ICANON)) == (ECHO | ICANON);
}
#endif
