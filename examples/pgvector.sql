-- The three items nearest to $1 that cost less than $2, as a product page asks. tailrec_items is a view: a push moves it in one step.
-- <#> is the inner product with its sign changed, the metric that the push reports. Without the iterative scan a filter thins out what the index gives, and the list comes back short.
SET hnsw.iterative_scan = strict_order;
SELECT other.id, other.title, -(other.embedding <#> asked.embedding) AS score
FROM tailrec_items other, tailrec_items asked
WHERE asked.id = $1 AND other.id <> $1 AND (other.attributes ->> 'price')::float < $2
ORDER BY other.embedding <#> asked.embedding
LIMIT 3;
