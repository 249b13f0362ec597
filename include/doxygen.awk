# doxygen.awk: show the comments of the headers to Doxygen, which reads only /** and /**<. INPUT_FILTER of include/Doxyfile.
#
# A comment before a declaration is about it, and about the declarations that follow without a blank line: those get a
# reference to it. A comment behind code on the same line is about that. Fields and values without one are told by the
# comment of their struct or enum.

function reference() { return "/** See " about ". */ " }

# The name that a declaration declares, for references.
function name_of(text,    n) {
    if (match(text, /fps_[a-z0-9_]+ *\(/)) { n = substr(text, RSTART, RLENGTH); sub(/ *\($/, "()", n); return n }
    if (match(text, /(fps|FPS|FPSWEEP)_[A-Za-z0-9_]+(\[[^]]*\])?;/)) { n = substr(text, RSTART, RLENGTH); sub(/[[;].*/, "", n); return n }
    if (match(text, /(struct|enum) fps_[a-z0-9_]+/)) { n = substr(text, RSTART, RLENGTH); sub(/.* /, "", n); return n }
    if (match(text, /^#define [A-Z_0-9]+/)) { n = substr(text, RSTART + 8, RLENGTH - 8); return n }
    return ""
}

# Angle brackets in comments are no tags.
function plain(text) { gsub(/</, "\\<", text); gsub(/>/, "\\>", text); return text }

# "double a, *b; /* what */" as one declaration each, that all get the comment.
function split_fields(text, comment,    type, list, n, i, out) {
    sub(/;[ \t]*$/, "", text)
    n = split(text, list, /, */)
    if (!match(list[1], /\**[A-Za-z_0-9]+(\[[^]]*\])*$/)) return text ";" comment
    type = substr(list[1], 1, RSTART - 1)
    list[1] = substr(list[1], RSTART)
    out = ""
    for (i = 1; i <= n; i++) out = out type list[i] "; " comment
    return out
}

BEGIN { documented = 0; inside = 0; depth = 0; first = 1; about = "" }

# Precision: the plain names are what callers write.
/^#define fps_[a-z0-9_]+ FPS_REAL_NAME/ { print ""; next }

# ---- inside a comment of several lines ----
inside {
    line = plain($0)
    if (line !~ /^ \*\//) sub(/^ \* ?/, "", line)
    if (index($0, "*/")) { inside = 0 }
    print line
    next
}

/^[ \t]*$/ { documented = 0; continued = 0; if (depth == 0) about = ""; print; next }

# ---- a comment that stands alone ----
/^[ \t]*\/\*/ {
    if ($0 ~ /\/\* ----/) { print; next }
    if (first) { first = 0; sub(/\/\* [^:]*: */, "/** \\file \\ilinebr "); documented = 0 }
    else { sub(/\/\*+/, "/**"); documented = 1 }
    if (!index($0, "*/")) inside = 1
    print plain($0)
    next
}

{
    code = $0
    gsub(/\/\*.*/, "", code)
    trailing = index($0, "/*") > 0
    is_directive = code ~ /^[ \t]*#/
    comment = ""
    if (trailing) {
        comment = plain(substr($0, index($0, "/*")))
        sub(/\/\*+/, "/**<", comment)
        if (!index($0, "*/")) inside = 1
        $0 = code comment
    }

    # ---- declarations at the top, and macros ----
    starts = depth == 0 && (code ~ /^(typedef|const|extern const|static inline|[a-z_0-9]+ )/ || code ~ /^[a-z_0-9]+ \*?fps_/) && code !~ /^extern "C"/
    if (is_directive && code ~ /^#if FPS_PRECISION/ && documented) about = "precision.h"
    starts = starts && !continued && code !~ /^}/
    if (code ~ /^#define [A-Za-z_0-9]+/ && code !~ /_H *$/ && code !~ /^#define X\(/) starts = 1
    if (starts) {
        if (documented) about = name_of(code)
        else if (!trailing && about != "") $0 = reference() $0
        documented = 0
    } else if (depth > 0 && !trailing && !is_directive && (!documented || code ~ /,.*;/) && code ~ /[;,]?[ \t]*$/ && code !~ /^[ \t]*[{}]/) {
        comment = " /**< see " owner " */"
        if (code ~ /;[ \t]*$/ || (enumeration && code ~ /,[ \t]*$/) || (enumeration && code ~ /^[ \t]+FPS_[A-Z0-9_]+[ \t]*$/)) $0 = $0 comment
    }
    if (depth > 0 && comment != "" && !inside && code ~ /,/ && code ~ /;[ \t]*$/ && code !~ /\(/) $0 = split_fields(code, comment)
    if (is_directive && code ~ /#(if|else|elif|endif)/) documented = 0
    if (depth > 0 && !is_directive) documented = 0
    if (!is_directive) {
        if (depth == 0 && code ~ /\{/) { owner = name_of(code); enumeration = code ~ /enum/ }
        opened = gsub(/\{/, "{", code); closed = gsub(/\}/, "}", code)
        depth += code ~ /extern "C"/ || (depth == 0 && closed > opened) ? 0 : opened - closed
        continued = depth == 0 && code !~ /[;}][ \t]*$/
    }
    print
}
