"""What a user would put together today: scale-peer.py FOLDER ENCODER. The same data, encoder, models and protocols as the pipeline.

implicit ALS, onnxruntime with the built-in encoder, scikit-learn Ridge to the factors, numpy top-k over all items, NDCG@10 of every
held-out pair. Prints one JSON document.
"""
import csv, json, os, resource, sys, time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "2")
import implicit, numpy as np, onnxruntime, scipy.sparse as sp
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.preprocessing import OneHotEncoder, StandardScaler, normalize
from tokenizers import Tokenizer

folder, encoder = sys.argv[1:3]
started, stages = time.time(), {}


def stage(name):
    now, cpu = time.time(), sum(os.times()[:2])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    stages[name] = {"wall": now - stage.wall, "cpu": cpu - stage.cpu, "peak": peak}
    stage.wall, stage.cpu = now, cpu


stage.wall, stage.cpu = started, sum(os.times()[:2])
items = [json.loads(line) for line in open(f"{folder}/items.jsonl")]
place = {item["id"]: row for row, item in enumerate(items)}
users, rows, columns, times = {}, [], [], []
with open(f"{folder}/events.csv") as file:
    for event in csv.DictReader(file):
        rows.append(users.setdefault(event["user"], len(users)))
        columns.append(place[event["item"]])
        times.append(int(event["time"]))
rows, columns, times = np.array(rows), np.array(columns), np.array(times)
U, I = len(users), len(items)
stage("read")

tokenizer = Tokenizer.from_file(f"{encoder}/tokenizer.json")
tokenizer.enable_truncation(256)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
session = onnxruntime.InferenceSession(f"{encoder}/model.onnx", options, providers=["CPUExecutionProvider"])
names = [given.name for given in session.get_inputs()]
texts = [f"{item['title']}. {item['description']}" for item in items]
order = np.argsort([len(text) for text in texts])
text = np.zeros((I, 256), np.float32)
for begin in range(0, I, 32):
    chosen = order[begin : begin + 32]
    encoded = [tokenizer.encode(texts[row]).ids for row in chosen]
    width = max(map(len, encoded))
    ids = np.array([ids + [0] * (width - len(ids)) for ids in encoded], np.int64)
    mask = np.array([[1] * len(ids) + [0] * (width - len(ids)) for ids in encoded], np.int64)
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    states = session.run(None, {name: feed[name] for name in names})[0]
    text[chosen] = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
text = normalize(text)
stage("encode")


def features(known):
    lexical = TfidfVectorizer(min_df=2).fit([texts[row] for row in known])
    words = lexical.transform(texts)
    reduced = TruncatedSVD(256, random_state=1).fit(words[known]).transform(words)
    levels = OneHotEncoder(handle_unknown="ignore", sparse_output=False, min_frequency=2)
    table = [[item["category"], item["brand"]] for item in items]
    attributes = levels.fit([table[row] for row in known]).transform(table)
    price = np.log([[item["price"]] for item in items])
    x = np.hstack([text, reduced, attributes, price]).astype(np.float32)
    return StandardScaler().fit(x[known]).transform(x)


def ndcg(train, test, score):
    asked, total = np.flatnonzero(np.diff(test.indptr)), 0.0
    for begin in range(0, len(asked), 1024):
        block = asked[begin : begin + 1024]
        scores = score(block)
        for i, user in enumerate(block):
            scores[i, train.indices[train.indptr[user] : train.indptr[user + 1]]] = -np.inf
        top = np.argpartition(-scores, 10, axis=1)[:, :10]
        top = np.take_along_axis(top, np.argsort(-np.take_along_axis(scores, top, 1), 1), 1)
        for i, user in enumerate(block):
            truth = test.indices[test.indptr[user] : test.indptr[user + 1]]
            gain = sum(1 / np.log2(rank + 2) for rank, item in enumerate(top[i]) if item in truth)
            total += gain / sum(1 / np.log2(rank + 2) for rank in range(min(10, len(truth))))
    return total / len(asked)


def matrix(keep):
    return sp.csr_matrix((np.ones(keep.sum(), np.float32), (rows[keep], columns[keep])), (U, I))


def measure(name, held):
    train, test = matrix(~held), matrix(held)
    support = np.asarray(train.sum(0)).ravel()
    known = np.flatnonzero(support)
    als = implicit.als.AlternatingLeastSquares(64, regularization=0.1, alpha=10, iterations=12, num_threads=2, random_state=1)
    als.fit(train, show_progress=False)
    user, item = als.user_factors, als.item_factors
    x = features(known)
    choices = [Ridge(penalty).fit(x[known[::5]], item[known[::5]]) for penalty in (10, 100, 1000, 10000)]
    rest = np.delete(known, np.s_[::5])
    errors = [((model.predict(x[rest]) - item[rest]) ** 2).mean() for model in choices]
    prior = Ridge((10, 100, 1000, 10000)[int(np.argmin(errors))]).fit(x[known], item[known]).predict(x).astype(np.float32)
    mixed = np.where(support[:, None] > 5, item, prior)
    unit = normalize(x)
    figures = {
        "popularity": ndcg(train, test, lambda block: np.tile(support, (len(block), 1))),
        "als": ndcg(train, test, lambda block: user[block] @ item.T),
        "content-knn": ndcg(train, test, lambda block: (train[block] @ unit) @ unit.T),
        "regression-mse": ndcg(train, test, lambda block: user[block] @ prior.T),
        "hybrid": ndcg(train, test, lambda block: user[block] @ mixed.T),
    }
    stage(name)
    return {"protocol": name, "figures": figures}


hidden = np.random.default_rng(1).permutation(I)[: I // 5]
last = np.zeros(len(rows), bool)
by_user = np.lexsort((times, rows))
ends = np.append(np.flatnonzero(np.diff(rows[by_user])), len(rows) - 1)
last[by_user[ends]] = True
figures = [measure("cold-items", np.isin(columns, hidden)), measure("warm-tail", last)]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"wall": time.time() - started, "cpu": sum(os.times()[:2]), "peak": peak, "stages": stages, "figures": figures}))
