/**
 * The digest of the sources of the compiled kernel: sha256 over their names and texts, 16 hexadecimal digits. It is compiled into
 * the binary (binding.gyp) and asked for again when that is loaded, so that a binary of other sources is told apart.
 */
const { createHash } = require("node:crypto");
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

function sourcesDigest() {
  const names = readdirSync(__dirname).filter((name) => /\.(cc|h)$/.test(name));
  const hash = createHash("sha256");
  for (const name of [...names.sort(), "../binding.gyp"]) {
    const text = readFileSync(join(__dirname, name), "utf8").replaceAll("\r\n", "\n");
    hash.update(`${name}\0${text}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}

module.exports = sourcesDigest;
if (require.main === module) console.log(sourcesDigest());
