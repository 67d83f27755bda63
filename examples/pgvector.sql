-- The three items nearest to $1 that cost less than $2, as a product page asks. tailrec_items is a view: a push moves it in one step.
-- <#> is the inner product with its sign changed, the metric that the push reports. What passes the filter is compared one and all: the index alone, scanned on until enough pass, loses most of a list whose filter has little to do with what is near.
WITH chosen AS MATERIALIZED (SELECT * FROM tailrec_items WHERE (attributes ->> 'price')::float < $2)
SELECT other.id, other.title, -(other.embedding <#> asked.embedding) AS score
FROM chosen other, tailrec_items asked
WHERE asked.id = $1 AND other.id <> $1
ORDER BY other.embedding <#> asked.embedding
LIMIT 3;
