/** Figures as reports print them. */

/** Four decimals without the leading 0: ".0754", "-.0012", "1.0000". */
export function decimalOf(value: number): string {
  return value
    .toFixed(4)
    .replace(/^-(0\.0+)$/, "$1")
    .replace(/^(-?)0\./, "$1.");
}

/** Likewise, with its sign: "+.0120". */
export function signedOf(value: number): string {
  const decimal = decimalOf(value);
  return decimal.startsWith("-") ? decimal : `+${decimal}`;
}
