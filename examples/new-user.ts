/** A visitor of whom first only the segment is known, and then two purchases. Needs `npm run demo`. */
import { openRecommender } from "tailrec";

const recommender = await openRecommender("out/shop/bundle");
const visitor = { userAttributes: { segment: "outdoors", age_group: "30-44" }, count: 3 };

const atFirst = await recommender.recommend(visitor);
const afterTwo = await recommender.recommend({ ...visitor, items: ["P00042", "P00107"] });
// The dial at 0.6 gives rare items more room in the same list.
const rarer = await recommender.recommend({ ...visitor, items: ["P00042", "P00107"], tail: 0.6 });

for (const [moment, { recommended }] of Object.entries({ "by segment": atFirst, "after two": afterTwo, rarer })) {
  console.log(
    moment,
    recommended.map(({ id, title, support }) => `${id} ${title} (${support})`),
  );
}
await recommender.close();
