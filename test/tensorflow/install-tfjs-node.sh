#!/usr/bin/env bash
# @tensorflow/tfjs-node on Node 20 without its download server: libtensorflow comes from the Python package of TensorFlow, and the binding
# is compiled against it. Into FOLDER (default: this one), beside what its package.json asks for. Needs pip, unzip, make and a C++ compiler.
#   bash test/tensorflow/install-tfjs-node.sh [FOLDER]
set -euo pipefail
folder="$(cd "${1:-"$(dirname "${BASH_SOURCE[0]}")"}" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

pip download --quiet --no-deps --only-binary=:all: --python-version 3.11 --dest "$work" tensorflow_cpu==2.15.1
unzip -q "$work"/tensorflow_cpu-*.whl 'tensorflow/include/*' 'tensorflow/libtensorflow*' -d "$work"

cd "$folder"
npm install --no-save --ignore-scripts --no-audit --no-fund @tensorflow/tfjs-node@4.22.0
package="node_modules/@tensorflow/tfjs-node"
mkdir -p "$package/deps/lib"
cp -r "$work/tensorflow/include" "$package/deps/"
cp "$work/tensorflow/libtensorflow_cc.so.2" "$package/deps/lib/libtensorflow.so.2"
ln -sf libtensorflow.so.2 "$package/deps/lib/libtensorflow.so"
# The name that the library has for itself.
ln -sf libtensorflow.so.2 "$package/deps/lib/libtensorflow_cc.so.2"
cp "$work/tensorflow/libtensorflow_framework.so.2" "$package/deps/lib/"
ln -sf libtensorflow_framework.so.2 "$package/deps/lib/libtensorflow_framework.so"
cd "$package"
# Headers of Node lie beside its binary: none are downloaded.
nodedir="$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")"
../../.bin/node-pre-gyp install --build-from-source --nodedir="$nodedir"
node -e 'console.log(require("@tensorflow/tfjs-node").getBackend())'
