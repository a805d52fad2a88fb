//! The nouns: ids, states, digests, object keys, the code index. No input or output.
