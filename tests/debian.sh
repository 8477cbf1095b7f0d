#!/bin/sh
# Install the Debian packages that the tests need and that are not there; say what is missing where that cannot be done.
set -u
missing=""
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
run=""
[ "$(id -u)" = 0 ] || run="sudo -n"
if command -v apt-get >/dev/null && { [ -z "$run" ] || $run true 2>/dev/null; }; then
    export DEBIAN_FRONTEND=noninteractive
    $run apt-get update -qq && $run apt-get install -y -qq $missing >/dev/null && exit 0
fi
echo "The tests need:$missing. Install them (Debian, Ubuntu: apt-get install$missing), then run make test again." >&2
exit 1
