/** The part of Transformers.js that the contracts use: its own types are there only where its package is installed. */

interface PeerTensor {
  readonly data: Float32Array & BigInt64Array;
  mean(axis: number): PeerTensor;
}

type Loaded<T> = { from_pretrained(name: string, options?: { readonly dtype?: string }): Promise<T> };
type Outputs = Readonly<Record<string, PeerTensor>>;

export interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly Tensor: new (type: "int64", data: BigInt64Array, shape: readonly number[]) => PeerTensor;
  readonly RawImage: { fromBlob(blob: Blob): Promise<object> };
  readonly AutoModel: Loaded<(inputs: Outputs) => Promise<Outputs>>;
  readonly AutoProcessor: Loaded<(image: object) => Promise<Outputs>>;
  readonly AutoTokenizer: Loaded<(text: string, options: { readonly truncation: boolean }) => Outputs>;
  pipeline(
    task: "feature-extraction",
    name: string,
    options: { readonly dtype: string },
  ): Promise<(text: string, options: { readonly pooling: string; readonly normalize: true }) => Promise<PeerTensor>>;
}

const load = async <T>(name: string): Promise<T> => (await import(name)) as T;

export const peer = await load<Transformers>("@huggingface/transformers");
