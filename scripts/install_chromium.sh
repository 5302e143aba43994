#!/bin/sh
# Browser tests need Chromium. It comes from the system's packages: no browser is downloaded from elsewhere.
# Where it cannot be installed the tests skip, and say so.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1; then
    run=""
    [ "$(id -u)" = 0 ] || run="sudo -n"
    echo "installing Chromium for the browser tests"
    if $run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq chromium >/dev/null; then
        exit 0
    fi
fi
echo "Chromium is not installed and could not be: the browser tests will be skipped." >&2
exit 0
