#!/bin/sh
# Downloads the Debian packages of packages.txt and unpacks them, without installing any: fetch.sh WORK
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$1
mkdir -p "$work/debs" "$work/files"
grep -v '^#' "$here/packages.txt" | while read -r package _; do
  (cd "$work/debs" && apt-get download "$package")
  mkdir -p "$work/files/$package"
  dpkg -x "$work/debs/$package"_*.deb "$work/files/$package"
done
