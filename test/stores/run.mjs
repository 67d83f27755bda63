/** `npm run test:stores`: holds every store to one contract. SQLite is compiled where no prebuilt binary can be had. */
import { testWithPackage } from "../locked-package.mjs";

testWithPackage(import.meta.dirname);
