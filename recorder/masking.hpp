#pragma once

#include "shared/base/bytes.hpp"
#include "shared/base/hash.hpp"

#include <string>
#include <string_view>

namespace parley::recorder {

/// Replaces what people wrote (messages, drafts, topics) by filler of the same length, in place: nothing
/// moves, so every size stays, and what was valid stays valid. Names, ids, times and sizes remain.
///
/// Equal texts get equal filler, different ones different filler but for chance, since the core compares
/// texts. The key is secret and not kept: nobody can try out which words give a filler.
class masking {
public:
    explicit masking(hash_key key) : key_(key) {}

    /// One `fact_in`; what is none is filled as a whole.
    void fact(bytes& in) const;

    /// One `effects_out`, as `fact`.
    void effects(bytes& out) const;

    /// As many bytes and code points as `text`. Line ends, and text of white space alone, stay.
    [[nodiscard]] std::string filler(std::string_view text) const;

private:
    hash_key key_;
};

}  // namespace parley::recorder
