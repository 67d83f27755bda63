/** The public API: everything a program needs to do what the command `tailrec` does. */

// Main: run a pipeline file.

export { loadPipeline } from "./config.ts";
export { runPipeline } from "./experiment/pipeline.ts";

// Main: read and fit.

export { ingest } from "./data/ingest/ingest.ts";
export { extractFeatures } from "./features/extract-features.ts";
export { fitHybrid } from "./hybrid/hybrid.ts";

// Main: look up.

export { foldInUser } from "./hybrid/fold-in-user.ts";
export { embedNewItems } from "./hybrid/new-items.ts";
export { explainPair } from "./serving/explanation/explain.ts";
export { createItemIndex } from "./serving/ranking/item-index.ts";
export { recommendItems } from "./serving/ranking/recommend.ts";
export { similarItems } from "./serving/ranking/similar-items.ts";

// Main: keep and measure.

export { saveBundle } from "./bundle/bundle.ts";
export { writeVectors } from "./data/files/vector-files.ts";
export { evaluate } from "./evaluation/evaluate.ts";
export { openRecommender } from "./serving/recommender.ts";

// Everything else, by module.

export { type AlsContext, type AlsModel, fitAls, foldInItems, foldInUsers } from "./als/als.ts";
export { type AlsOptions, alsOptionsSchema } from "./als/als-options.ts";
export { type BiasedMf, biasedMfContender, fitBiasedMf, predictRating } from "./baselines/biased-mf.ts";
export { bpr } from "./baselines/bpr.ts";
export { contentKnn } from "./baselines/content-knn.ts";
export { contentRidge } from "./baselines/content-ridge.ts";
export { dae } from "./baselines/dae.ts";
export { type DropoutnetInputs, dropoutnet } from "./baselines/dropoutnet.ts";
export { ease } from "./baselines/ease.ts";
export { type FeatureIals, fitFeatureIals } from "./baselines/feature-ials.ts";
export { itemKnn } from "./baselines/item-knn.ts";
export { fitItem2vec, type Item2vec, item2vecContender } from "./baselines/item2vec.ts";
export { lightgcn } from "./baselines/lightgcn.ts";
export { neumf } from "./baselines/neumf.ts";
export { fitUserGroups, nearestGroup, popularInCluster, type UserGroups } from "./baselines/popular-in-cluster.ts";
export { popularity } from "./baselines/popularity.ts";
export { randomOrder } from "./baselines/random-order.ts";
export { slim } from "./baselines/slim.ts";
export { pureSvd } from "./baselines/svd.ts";
export { twoTower } from "./baselines/two-tower.ts";
export { userKnn } from "./baselines/user-knn.ts";
export { vae } from "./baselines/vae.ts";
export { type Bundle, type BundleManifest, loadBundle } from "./bundle/bundle.ts";
export { type PipelineConfig, type PipelineInput, parsePipeline, pipelineJsonSchema } from "./config.ts";
export type { BlockValues } from "./data/block-values.ts";
export type { Attribute, Catalog, CategoryAttribute, NumberAttribute } from "./data/catalog.ts";
export {
  type FeatureBlock,
  type FeatureMatrix,
  fitStandardisation,
  type Standardisation,
  standardise,
} from "./data/feature-matrix.ts";
export type { VectorTable } from "./data/files/vector-table.ts";
export { type IngestContext, type Ingested, ingestItems } from "./data/ingest/ingest.ts";
export {
  type IngestOptions,
  type ItemsOptions,
  ingestOptionsSchema,
  itemsOptionsSchema,
} from "./data/ingest/ingest-options.ts";
export { catalogOfRecords, type ItemRecord } from "./data/ingest/item-records.ts";
export { type IngestReport, type Reject, writeRejects } from "./data/ingest/rejects.ts";
export { type Interactions, itemSupport } from "./data/interactions.ts";
export { defaultSlices, type Slice, sliceItems } from "./data/slices.ts";
export { type LaunchSplit, type SimulatedLaunchOptions, splitSimulatedLaunch } from "./data/splits/launch-split.ts";
export {
  type ColdItemsOptions,
  type Split,
  splitColdItems,
  splitWarmTail,
  type WarmTailOptions,
} from "./data/splits/split.ts";
export { splitWarmUp, type WarmUpOptions, type WarmUpSplit } from "./data/splits/warm-up-split.ts";
export { ERROR_TABLE, type ErrorCode, TailrecError } from "./errors.ts";
export { type EvaluationContext, measureSplit } from "./evaluation/evaluate.ts";
export type { EvaluationInput } from "./evaluation/evaluation-input.ts";
export {
  figureOfAllLists,
  figurePerUser,
  type ListFigure,
  type ListMetricKind,
  type ListWorld,
  meanOfShown,
} from "./evaluation/metrics/list-metric.ts";
export { listFigure, type MetricExtensions, type MetricKind, metricKinds } from "./evaluation/metrics/metric-kinds.ts";
export type { RankMetricKind } from "./evaluation/metrics/rank-metric.ts";
export type { RatingMetricKind } from "./evaluation/metrics/rating-metric.ts";
export { evaluateRatings, meanPredictors, type RatingPredictor } from "./evaluation/metrics/ratings.ts";
export { type EvaluationOptions, evaluationOptionsSchema } from "./evaluation/options.ts";
export {
  type Contender,
  type Factors,
  factorRanker,
  factorScorer,
  type ListedContender,
  type Ranker,
  type ScoredContender,
  type Scorer,
} from "./evaluation/ranking/scorer.ts";
export type { EvaluationReport, MetricComparison, MetricResult } from "./evaluation/report.ts";
export {
  type SimilarItemsOptions,
  similarItemsInput,
  similarityContenders,
  similarTruth,
} from "./evaluation/similar-items.ts";
export { summariseSplits } from "./evaluation/summary/pooled-report.ts";
export { joinWarmUp, type WarmUpLevelReports } from "./evaluation/warm-up.ts";
export type {
  Protocol,
  ProtocolResult,
  ProtocolRun,
  SplitFiles,
  SplitMaker,
} from "./experiment/measurement/protocol.ts";
export { measureUsers, splitsForUsers, type UsersQuestion } from "./experiment/measurement/users-measurement.ts";
export { type ContenderData, type FitContext, fitContenders } from "./experiment/models/contenders.ts";
export type { FittedModels } from "./experiment/models/fitted-models.ts";
export type { Model, ModelData } from "./experiment/models/model-data.ts";
export { type ModelExtensions, modelKinds } from "./experiment/models/model-kinds.ts";
export { evaluatePipeline, type RunResult } from "./experiment/pipeline.ts";
export type { PipelineContext } from "./experiment/pipeline-context.ts";
export { type ProtocolExtensions, protocolKinds } from "./experiment/protocols/protocol-kinds.ts";
export { readSavedReport } from "./experiment/report/saved-report.ts";
export type { EvaluationResult } from "./experiment/results/evaluation-result.ts";
export { evaluateLists, type ListsEvaluation } from "./experiment/results/lists-evaluation.ts";
export { type WrittenSplit, writeSplits } from "./experiment/results/written-splits.ts";
export { type TuneOptions, type TuneResult, tunePipeline } from "./experiment/tuning/tune.ts";
export type {
  BlockInput,
  BlockKind,
  BlockOptions,
  BlockOrigin,
  BlockParts,
  BlockSchema,
  BlockStorage,
  BlockWords,
  InputFiles,
} from "./features/block-kind.ts";
export { type BlockExtensions, blockKinds } from "./features/block-kinds.ts";
export { type EncodedBlockParts, type EncoderSpace, encodedBlock } from "./features/blocks/encoded-block.ts";
export {
  type EncodedCatalog,
  type EncodingContext,
  encodeCatalog,
  type Quarantined,
} from "./features/encode-catalog.ts";
export type { EncodedBlock, Encoding } from "./features/encoding.ts";
export type { ExtractedFeatures, FeatureContext } from "./features/extract-features.ts";
export { type FeatureOptionsInput, featureOptionsSchema } from "./features/feature-options.ts";
export { applyFeatureSpace, type FeatureSpace, fitFeatureSpace } from "./features/feature-space.ts";
export { type EmbeddingOptions, embeddingOptionsSchema } from "./hybrid/embedding-options.ts";
export type { FoldInContext } from "./hybrid/fold-in-user.ts";
export type { HybridModel } from "./hybrid/hybrid.ts";
export type { HybridOptions } from "./hybrid/hybrid-options.ts";
export type { EmbeddingSource, ItemEmbeddings } from "./hybrid/item-embeddings.ts";
export type { EmbeddingData } from "./hybrid/item-parts.ts";
export { type EmbeddedItems, embedItems } from "./hybrid/items.ts";
export { alongAxes, fitScoreAxes, keptScores, leadingColumns } from "./hybrid/score-axes.ts";
export {
  chooseSettings,
  type HybridSettings,
  type SettingsContext,
  type SettingsTrials,
} from "./hybrid/settings/hybrid-settings.ts";
export { embedUsers, type SolvedAgainst } from "./hybrid/users.ts";
export type { LeakFinding } from "./leaks/finding.ts";
export {
  type ComputeBackend,
  type ComputeBackend as Kernel,
  defaultBackend,
  defaultBackend as defaultKernel,
} from "./math/compute/backend.ts";
export type { Matrix, SparseMatrix } from "./math/matrix.ts";
export type { Tfjs, TfjsTensor } from "./math/tfjs/tfjs.ts";
export { LAYERS_WEIGHTS, type LayersModel, regressorToLayers } from "./regressor/layers-export.ts";
export type { LayerNode, LayerWeight } from "./regressor/layers-part.ts";
export { regressorToOnnx } from "./regressor/onnx-export.ts";
export type { GraphPart } from "./regressor/onnx-graph-part.ts";
export type { RegressionTask } from "./regressor/regression-task.ts";
export {
  fitRegressor,
  predictPrior,
  type RegressionData,
  type Regressor,
  type RegressorContext,
  type RegressorTrial,
} from "./regressor/regressor.ts";
export type {
  MapStorage,
  PreparedKind,
  RegressorKind,
  SavedMap,
  SettingTrial,
  TensorReader,
  Validated,
} from "./regressor/regressor-kind.ts";
export { type RegressorExtensions, type RegressorName, regressorKinds } from "./regressor/regressor-kinds.ts";
export {
  type RegressorOptions,
  regressorOptionsSchema,
  regressorOptionsSchemaWith,
} from "./regressor/regressor-options.ts";
export { chooseSetting } from "./regressor/setting-choice.ts";
export type { TrainingSet } from "./regressor/training-set.ts";
export { formatHtml } from "./report/html/page.ts";
export type { ReportData } from "./report/html/report-data.ts";
export type { ReportDocument } from "./report/html/report-document.ts";
export { formatMarkdown } from "./report/markdown-report.ts";
export { formatReport } from "./report/terminal-report.ts";
export { filterSchema } from "./rules/kinds/filter.ts";
export { type Rule, type RuleInput, ruleKinds, rulesSchema } from "./rules/rule-kinds.ts";
export { loadRules } from "./rules/rules-file.ts";
export type { Progress, RunContext } from "./run-context.ts";
export { type Client, type ClientOptions, createClient } from "./service/client.ts";
export { readExperiment } from "./service/experiment-file.ts";
export { createService, type Service, type ServiceContext } from "./service/service.ts";
export { type ServiceOptions, serviceOptionsSchema } from "./service/service-options.ts";
export { type BundleSession, evidenceOf, openBundle } from "./serving/bundle-session.ts";
export {
  type BundleComparison,
  type CompareRequest,
  compareBundleFolders,
  compareBundles,
  compareRequestSchema,
} from "./serving/compare/compare-bundles.ts";
export type { Exchange, ExchangeLimits } from "./serving/exchange.ts";
export type { Explanation } from "./serving/explanation/explain.ts";
export type { Evidence } from "./serving/explanation/pair-facts.ts";
export { documentFrequencies } from "./serving/explanation/shared-content.ts";
export type { WrittenLists } from "./serving/lists/list-job.ts";
export { type ListsRequest, listsRequestSchema, writeLists } from "./serving/lists/nightly-lists.ts";
export { eventSchema, type LiveEvent } from "./serving/live/live-event.ts";
export type { CountedEvents, ItemContent, LiveOptions, LiveSession } from "./serving/live/live-session.ts";
export { type PushAnswer, type PushRequest, pushBundle, pushRequestSchema } from "./serving/push/push-request.ts";
export {
  type StoreSimilarAnswer,
  type StoreSimilarRequest,
  similarFromStore,
  storeSimilarSchema,
} from "./serving/push/similar-from-store.ts";
export type { StoreRecall } from "./serving/push/store-recall.ts";
export type { Hit, ItemIndex, ItemIndexOptions } from "./serving/ranking/item-index.ts";
export { type PopularItemsOptions, popularItems } from "./serving/ranking/popular-items.ts";
export type { RecommendOptions } from "./serving/ranking/recommend.ts";
export { type RerankOptions, rerankItems } from "./serving/ranking/rerank.ts";
export { type SimilarOptions, similarToVector } from "./serving/ranking/similar-items.ts";
export type { ExplainAnswer, Recommender } from "./serving/recommender.ts";
export {
  type EmbedAnswer,
  type EmbeddedItem,
  type EmbedRequest,
  embedRequestSchema,
} from "./serving/requests/embed-request.ts";
export type { ItemView, MapPoint } from "./serving/requests/item-view.ts";
export type { LenientList } from "./serving/requests/lenient-lists.ts";
export type { ListedItem } from "./serving/requests/listed-items.ts";
export type { NewItemAnswer, NewItemRequest } from "./serving/requests/new-item-request.ts";
export { type RankAnswer, type RankRequest, rankRequestSchema } from "./serving/requests/rank-request.ts";
export {
  type RecommendAnswer,
  type RecommendRequest,
  recommendRequestSchema,
} from "./serving/requests/recommend-request.ts";
export { type SearchAnswer, type SearchRequest, searchRequestSchema } from "./serving/requests/search-request.ts";
export { type SimilarAnswer, type SimilarRequest, similarRequestSchema } from "./serving/requests/similar-request.ts";
export {
  type UpdateCounts,
  type UpdatedBundle,
  type UpdateSource,
  updateBundle,
} from "./serving/update/bundle-update.ts";
export { type FolderUpdate, type UpdateAnswer, updateBundleFolder } from "./serving/update/update-outputs.ts";
export { type ExportAnswer, embedToFile, exportVectors, type VectorExport } from "./serving/vectors/vector-outputs.ts";
export type { StoredHit } from "./stores/store-kind.ts";
export { storeKinds } from "./stores/store-kinds.ts";
export { type Experiment, experimentSchema, type Variant } from "./traffic/experiment.ts";
export { type ExperimentReport, reportExperiment, type VariantReport } from "./traffic/experiment-report.ts";
export {
  crossedThresholds,
  type MonitorOptions,
  type MonitorReport,
  monitorOptionsSchema,
  monitorTraffic,
  thresholdsSchema,
} from "./traffic/monitor.ts";
export { readTraffic, type Traffic } from "./traffic/read-traffic.ts";
export { sampleSize, sequentialTest } from "./traffic/sequential-test.ts";
