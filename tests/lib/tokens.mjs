// How common models count: for tests and benchmarks.

export { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
