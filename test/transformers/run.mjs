/** `npm run test:transformers`: holds encoders of its layout to Transformers.js itself, on the runtime of tailrec. */
import { testWithPackage } from "../locked-package.mjs";

testWithPackage(import.meta.dirname, ["--ignore-scripts"]);
