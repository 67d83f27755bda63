/**
 * Names that columns have in shops, logs and published data sets, as patterns of their words (column-facts.ts). They are a first guess:
 * what cells hold decides where names do not.
 */

const ID = "(?: ?(?:id|ids|mbid|key|no|nr|num|number|code|hash|uuid|sk|index))?";

const PEOPLE =
  "user|customer|visitor|member|account|reviewer|client|buyer|shopper|person|reader|listener|viewer|subscriber|profile|patient|player|student|cust";

const THINGS =
  "item|product|article|movie|film|book|track|song|artist|album|game|app|listing|offer|recipe|paper|content|video|good|goods|business|document|doc|news|post|course|job|place|venue|poi|show|anime|wine|beer|restaurant|hotel|podcast|episode|style|variant|stock|prod";

export const USER_NAMES = [
  new RegExp(`^(?:${PEOPLE})${ID}$`),
  /^(?:uid|user ?name|reviewer name|session id)$/,
  new RegExp(`\\b(?:${PEOPLE})${ID}$`),
];

export const ITEM_NAMES = [
  /^(?:asin|parent asin|sku|isbn|ean|gtin|upc|iid|item|product)$/,
  new RegExp(`^(?:${THINGS})${ID}$`),
  new RegExp(`\\b(?:${THINGS}) ?(?:id|mbid|key|code|number)$`),
];

export const PLAIN_ID = /^(?:id|uuid|guid|key|code)$/;

export const TIME_NAMES = [
  /^(?:timestamp|time|datetime|date|ts|day|when)$/,
  /\b(?:timestamp|time|datetime|date|ts|dat|at)$/,
  /\bunix\b/,
  /^(?:position|sequence|seq|step)$/,
];

export const EVENT_NAMES = [
  /^(?:event|action|behaviou?r|interaction|activity)(?: (?:type|name|kind))?$/,
  /^(?:type|kind)$/,
];

export const RATING_NAMES = [/^(?:overall|ratings?|stars|scores?|grade)$/, /\b(?:rating|stars|score)$/];

export const AMOUNT_NAMES = [
  /^(?:weight|plays|play ?count|listen ?count|count|quantity|qty|frequency|times|hours|minutes|playtime|units)$/,
  /\b(?:plays|count|quantity|hours|minutes|playtime|weight)$/,
];

export const TITLE_NAMES = [
  /^(?:title|name|headline|subject)$/,
  new RegExp(`^(?:${THINGS}|full|display|original|short|long|english|en|prod)(?: ${"\\w+"})? (?:title|name|headline)$`),
];

export const TEXT_NAMES =
  /\b(?:description|descriptions|desc|overview|plot|plots|abstract|summary|synopsis|text|body|content|details?|story|about|blurb|tagline|features|bullets|lyrics|detail desc)$/;

export const PICTURE_NAMES = /\b(?:images?|img|pictures?|photos?|posters?|thumbnails?|thumb|cover|pic)\b/;

export const PRICE_NAMES = /\b(?:price|cost|msrp|fare|budget)\b/;

/** Columns of items that tell how people behaved: a new item has none, and they know what is held out. */
export const BEHAVIOUR_NAMES =
  /\b(?:ratings?|reviews?|rank|ranking|votes?|popularity|popular|views?|clicks?|sales|sold|likes?|downloads?|bestsellers?|plays|hits|stars|favou?rites|purchases|orders|trending|revenue|gross)\b/;

export const RELATED_NAMES = /\b(?:also|bought|related|similar|recommended|recommendations|neighbou?rs|users?)\b/;

/** Numbers that name things. */
export const CODE_NAMES =
  /\b(?:id|ids|code|codes|type|class|category|department|dept|group|section|level|no|number|zip|zipcode|postcode)$/;

export const PRIVATE_NAMES =
  /\b(?:email|e mail|phone|mobile|address|street|zip|zipcode|postcode|postal code|first name|last name|full name|name|ip)\b/;

/** Events by what they are worth beside a view; other names are worth 1, and the draft says so. */
export const EVENT_WORTH: readonly { readonly pattern: RegExp; readonly weight: number | "ignore" }[] = [
  {
    pattern:
      /\b(?:impressions?|shown|exposure|dislike|remove|removed|removefromcart|unfollow|return|returned|refund|skip)\b/,
    weight: "ignore",
  },
  {
    pattern:
      /\b(?:purchases?|purchased|buy|bought|orders?|ordered|transactions?|checkout|sale|paid|conversion|subscribe)\b/,
    weight: 4,
  },
  { pattern: /\b(?:cart|addtocart|basket|wish|wishlist|fav|favou?rite|like|save|bookmark|share|follow)\b/, weight: 2 },
  {
    pattern: /\b(?:views?|viewed|clicks?|clicked|pv|detail|page ?view|visit|read|play|listen|watch|browse|open)\b/,
    weight: 1,
  },
];
