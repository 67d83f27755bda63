/** Currencies beside a price: signs, codes of ISO 4217, and the short words that shops write. */

const CODES = new Set(Intl.supportedValuesOf("currency"));

const BY_WORD: Readonly<Record<string, string>> = {
  "€": "EUR",
  euro: "EUR",
  euros: "EUR",
  "£": "GBP",
  $: "USD",
  us$: "USD",
  "₹": "INR",
  rs: "INR",
  kr: "kr",
  fr: "CHF",
  sfr: "CHF",
  zł: "PLN",
  kč: "CZK",
  ft: "HUF",
  лв: "BGN",
  руб: "RUB",
  р: "RUB",
  "₽": "RUB",
  lei: "RON",
  tl: "TRY",
  "₺": "TRY",
  rp: "IDR",
  rm: "MYR",
  r$: "BRL",
  "s/": "PEN",
  dh: "AED",
  dhs: "AED",
  円: "JPY",
  元: "CNY",
  원: "KRW",
  "₩": "KRW",
};

/** The currency of the texts beside a number: "" where all are empty, undefined where one of them is no currency. */
export function currencyOf(beside: readonly string[]): string | undefined {
  const names = beside.map((text) => text.trim()).filter((text) => text !== "");
  const currencies = names.map(nameOf);
  if (currencies.length === 0) return "";
  // "$12.99 CAD": the code says more than the sign.
  return currencies.includes(undefined) ? undefined : currencies.at(-1);
}

function nameOf(text: string): string | undefined {
  const word = text.replace(/\.$/, "").toLowerCase();
  if (Object.hasOwn(BY_WORD, word)) return BY_WORD[word];
  if (CODES.has(text.toUpperCase())) return text.toUpperCase();
  return /^[A-Z]{0,3}\p{Sc}$/u.test(text) ? text : undefined;
}
