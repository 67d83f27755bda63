/** `npm run test:tensorflow`: TensorFlow.js as engine of the network, and the layers model that it loads. */
import { testWithPackage } from "../locked-package.mjs";

testWithPackage(import.meta.dirname, ["--ignore-scripts"]);
