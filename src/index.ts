/** The public API: everything a program needs to do what the command `tailrec` does. */

export { type BundleSession, evidenceOf, openBundle } from "./app/bundle-session.ts";
export { evaluateLists, type ListsEvaluation, type WrittenSplit, writeSplits } from "./app/lists-evaluation.ts";
export {
  type EvaluationResult,
  evaluatePipeline,
  type RunResult,
  runPipeline,
} from "./app/pipeline.ts";
export type { PipelineContext } from "./app/pipeline-context.ts";
export { readSavedReport } from "./app/saved-report.ts";
export { type TuneOptions, type TuneResult, tunePipeline } from "./app/tuning/tune.ts";
export { type AlsContext, type AlsModel, fitAls, foldInItems, foldInUsers } from "./collaborative/als.ts";
export { type AlsOptions, alsOptionsSchema } from "./collaborative/als-options.ts";
export { loadPipeline, type PipelineConfig, type PipelineInput, parsePipeline, pipelineJsonSchema } from "./config.ts";
export type { Attribute, Catalog, CategoryAttribute, NumberAttribute } from "./data/catalog.ts";
export {
  type FeatureBlock,
  type FeatureMatrix,
  fitStandardisation,
  type Standardisation,
  standardise,
} from "./data/feature-matrix.ts";
export { type IngestContext, type Ingested, ingest, ingestItems } from "./data/ingest.ts";
export {
  type IngestOptions,
  type ItemsOptions,
  ingestOptionsSchema,
  itemsOptionsSchema,
} from "./data/ingest-options.ts";
export { type Interactions, itemSupport } from "./data/interactions.ts";
export { type IngestReport, type Reject, writeRejects } from "./data/rejects.ts";
export { defaultSlices, type Slice, sliceItems } from "./data/slices.ts";
export {
  type ColdItemsOptions,
  type Split,
  splitColdItems,
  splitWarmTail,
  type WarmTailOptions,
} from "./data/split.ts";
export { writeVectors } from "./data/vector-files.ts";
export type { VectorTable } from "./data/vector-table.ts";
export { splitWarmUp, type WarmUpOptions, type WarmUpSplit } from "./data/warm-up-split.ts";
export { type Bundle, type BundleManifest, loadBundle, saveBundle } from "./embeddings/bundle.ts";
export { type EmbeddedItems, type EmbeddingData, embedItems, embedUsers } from "./embeddings/embed-items.ts";
export { type EmbeddingOptions, embeddingOptionsSchema } from "./embeddings/embedding-options.ts";
export { type FoldInContext, foldInUser } from "./embeddings/fold-in-user.ts";
export { fitHybrid, type HybridModel, type HybridOptions } from "./embeddings/hybrid.ts";
export type { EmbeddingSource, ItemEmbeddings } from "./embeddings/item-embeddings.ts";
export { embedNewItems } from "./embeddings/new-items.ts";
export { alongAxes, fitScoreAxes, keptScores, leadingColumns } from "./embeddings/score-axes.ts";
export { ERROR_TABLE, type ErrorCode, TailrecError } from "./errors.ts";
export {
  type BiasedMf,
  biasedMfContender,
  fitBiasedMf,
  predictRating,
} from "./evaluation/baselines/biased-mf.ts";
export { bpr } from "./evaluation/baselines/bpr.ts";
export { contentKnn } from "./evaluation/baselines/content-knn.ts";
export { contentRidge } from "./evaluation/baselines/content-ridge.ts";
export { ease } from "./evaluation/baselines/ease.ts";
export { itemKnn } from "./evaluation/baselines/item-knn.ts";
export {
  fitUserGroups,
  nearestGroup,
  popularInCluster,
  type UserGroups,
} from "./evaluation/baselines/popular-in-cluster.ts";
export { popularity } from "./evaluation/baselines/popularity.ts";
export { randomOrder } from "./evaluation/baselines/random-order.ts";
export { userKnn } from "./evaluation/baselines/user-knn.ts";
export { type EvaluationInput, evaluate, measureSplit } from "./evaluation/evaluate.ts";
export { formatHtml } from "./evaluation/html-report/page.ts";
export type { ReportData } from "./evaluation/html-report/report-data.ts";
export type { ReportDocument } from "./evaluation/html-report/report-document.ts";
export type { LeakFinding } from "./evaluation/leaks/finding.ts";
export { formatMarkdown } from "./evaluation/markdown-report.ts";
export { type EvaluationOptions, evaluationOptionsSchema } from "./evaluation/options.ts";
export { summariseSplits } from "./evaluation/pooled-report.ts";
export { evaluateRatings, meanPredictors, type RatingPredictor } from "./evaluation/ratings.ts";
export type { EvaluationReport, MetricComparison, MetricResult } from "./evaluation/report.ts";
export {
  type Contender,
  type Factors,
  factorRanker,
  factorScorer,
  type ListedContender,
  type Ranker,
  type ScoredContender,
  type Scorer,
} from "./evaluation/scorer.ts";
export {
  type SimilarItemsOptions,
  similarItemsInput,
  similarityContenders,
  similarTruth,
} from "./evaluation/similar-items.ts";
export { formatReport } from "./evaluation/terminal-report.ts";
export { joinWarmUp, type WarmUpLevelReports } from "./evaluation/warm-up.ts";
export {
  type EncodedCatalog,
  type EncodingContext,
  encodeCatalog,
  type Quarantined,
} from "./features/encode-catalog.ts";
export { type ExtractedFeatures, extractFeatures, type FeatureContext } from "./features/extract-features.ts";
export { type FeatureOptionsInput, featureOptionsSchema } from "./features/feature-options.ts";
export { applyFeatureSpace, type FeatureSpace, fitFeatureSpace } from "./features/feature-space.ts";
export { defaultKernel, type Kernel } from "./math/kernel.ts";
export type { Matrix, SparseMatrix } from "./math/matrix.ts";
export { regressorToOnnx } from "./regressor/onnx-export.ts";
export {
  fitRegressor,
  predictPrior,
  type RegressionData,
  type Regressor,
  type RegressorContext,
  type RegressorTrial,
} from "./regressor/regressor.ts";
export type { RegressorKind } from "./regressor/regressor-map.ts";
export { type RegressorOptions, regressorOptionsSchema } from "./regressor/regressor-options.ts";
export { type Explanation, explainPair } from "./retrieval/explain.ts";
export { createItemIndex, type Hit, type ItemIndex, type ItemIndexOptions } from "./retrieval/item-index.ts";
export type { Evidence } from "./retrieval/pair-facts.ts";
export { type PopularItemsOptions, popularItems } from "./retrieval/popular-items.ts";
export { type RecommendOptions, recommendItems } from "./retrieval/recommend.ts";
export { type RerankOptions, rerankItems } from "./retrieval/rerank.ts";
export { documentFrequencies } from "./retrieval/shared-content.ts";
export { type SimilarOptions, similarItems, similarToVector } from "./retrieval/similar-items.ts";
export type { Progress, RunContext } from "./run-context.ts";
