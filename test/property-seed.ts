/** One seed for every property: the gate draws the same cases each time. PROPERTY_SEED draws others. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });
