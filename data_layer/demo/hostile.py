"""Text nobody should trust, planted in a few titles, labels and rules: to be shown, it has to be escaped."""

HOSTILE_TEXTS: tuple[str, ...] = (
    "<script>window.__demo_xss=1</script>Will it rain?",
    '<img src=x onerror="window.__demo_xss=1">',
    "[click me](javascript:window.__demo_xss=1)",
    "javascript:window.__demo_xss=1",
    "**Bold** _claims_ # heading | table | `code`",
    "\u202etxet tfel-ot-thgir\u202c after",
    "zero\u200bwidth\u200b\u200djoin\ufeffed",
    "long " * 99 + "title",
    "\"double\" 'single' `back` “curly” \\backslash\\",
    "{{ 7 * 7 }} ${7*7} {% raw %} {0} {label}",
    "official sources of <area> about <person> during <event>",
    "</textarea></title><svg/onload=window.__demo_xss=1>",
    "line\none\r\nline two\ttab",
    "Will  become President of ?",
    "'; DROP TABLE markets; -- ; ATTACH 'x'",
    "&lt;b&gt; & &amp; > 91° ½ ² ∞ 日本語 العربية",
)
