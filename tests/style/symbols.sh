#!/usr/bin/env bash
# symbols.sh ROOT [LIBRARY]: every global symbol of libfpsweep begins with fps_, and the library neither prints, nor
# exits, nor touches the whole world of MPI: those are the program's business.
#
# Without LIBRARY all C files below ROOT are compiled into one (for the self-test).
set -euo pipefail
# shellcheck source=checker.sh
. "$(dirname "${BASH_SOURCE[0]}")/checker.sh"
root=$1
library=${2:-}
command -v nm >/dev/null || skip "nm is not installed (binutils)"

if [ -z "$library" ]; then
    library=$root/sample.a
    while IFS= read -r file; do
        cc -O1 -c -o "$root/${file//\//_}.o" "$root/$file"
        ar rcs "$library" "$root/${file//\//_}.o"
    done < <(project_files "$root" '*.c')
fi
[ -f "$library" ] || { echo "$library: no such library"; exit 1; }

# Sanitizers and coverage add symbols of their own, with leading underscores.
defined=0
while read -r _ type name; do
    case "$type" in [TDBRCVWGS]) ;; *) continue ;; esac
    defined=$((defined + 1))
    case "$name" in fps_* | FPS_* | __*) ;; *) complain "$library: global symbol $name does not begin with fps_" ;; esac
done < <(nm --defined-only --extern-only "$library" 2>/dev/null)
[ "$defined" -gt 0 ] || complain "$library: has no global symbols at all"

object=
while read -r type name; do
    case "$type" in *.o:) object=${type%:}; continue ;; esac
    case "$name" in
    printf | __printf_chk | vprintf | puts | putchar | perror | stdout | stderr)
        complain "$object: the library prints ($name); use fps_log or fps_fail" ;;
    exit | _exit | _Exit | quick_exit | abort | __assert_fail | err | errx)
        complain "$object: the library ends the program ($name); return an fps_status" ;;
    ompi_mpi_comm_world | MPI_Abort | MPI_Init | MPI_Init_thread | MPI_Finalize)
        complain "$object: the library uses $name; it works on the caller's communicator" ;;
    strtok | gets | tmpnam | rand | srand)
        complain "$object: $name has hidden state" ;;
    esac
done < <(nm --undefined-only "$library" 2>/dev/null)
finish
