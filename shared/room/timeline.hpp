#pragma once

#include "shared/base/ids.hpp"
#include "shared/wire/frames.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// What a device holds of a room's log (L4, L6, L10, L11): one interval of places without a gap,
///
///     (held_from, w]  committed: never changes        (w, head]  provisional: may be voided or truncated
///
/// and, beside it, provisional rows of an earlier connection that the resume has not repeated yet: *faded*,
/// drawn dimmed. Those it does not repeat at all are *withdrawn* and stay visible until their op returns.
/// One's own never are: the outbox still has them.
namespace parley {

class timeline {
public:
    struct position {
        std::uint64_t seq = 0;
        std::uint64_t epoch = 0;
    };

    struct faded_row {
        wire::event event;
        std::uint64_t ordinal = 0;  ///< orders withdrawn rows of the same former place
        bool withdrawn = false;
        errc reason = errc::none;  ///< of a row that was shown and then voided by the store
    };

    enum class heard : std::uint8_t { taken, repeated, gap };

    explicit timeline(user_id self) : self_(self) {}

    [[nodiscard]] std::uint64_t held_from() const { return held_from_; }

    [[nodiscard]] std::uint64_t w() const { return w_; }

    [[nodiscard]] std::uint64_t head() const { return rows_.empty() ? held_from_ : rows_.back().seq; }

    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    [[nodiscard]] position cursor() const { return {w_, cursor_epoch_}; }

    /// In the order of `seq`, all of (held_from, head].
    [[nodiscard]] const std::vector<wire::event>& rows() const { return rows_; }

    [[nodiscard]] const std::vector<faded_row>& faded() const { return faded_; }

    [[nodiscard]] const wire::event* at(std::uint64_t seq) const;
    [[nodiscard]] bool holds(const change_id& change) const;

    [[nodiscard]] bool link_lost() const { return link_lost_; }

    /// A resume begins. False, and nothing changed, if it goes on from elsewhere than the cursor.
    [[nodiscard]] bool begin(std::uint64_t from, bool fresh, std::uint64_t epoch);

    /// `gap`: it does not follow what is held; nothing changed.
    heard hear(wire::event event);

    /// Settles up to `w`, if the watermark is of this epoch, applies its voids, and returns W as it was
    /// before. Places that are not held can't be settled: W stops at the head.
    std::uint64_t settle(const wire::watermark& mark);

    /// All above `after` was of an epoch that is gone; what is told next repeats what has survived.
    void truncate(std::uint64_t epoch, std::uint64_t after);

    /// The resume or truncation has told all: what it did not repeat is withdrawn.
    void repeated_all();

    /// The connection is gone; what is provisional is only what we knew last.
    void lose_link() { link_lost_ = true; }

    /// The subscription ended with the membership: only what is committed stays.
    void end();

    /// A page of history: (from, to] are `older`. False, and nothing changed, if it does not touch what is
    /// held.
    [[nodiscard]] bool extend(std::uint64_t from, std::uint64_t to, std::vector<wire::event> older);

    /// Forgets the oldest committed rows beyond `most`.
    void trim(std::size_t most);

private:
    void fade_above(std::uint64_t seq);
    void forget_faded(const change_id& change);
    void apply(const wire::void_place& place);

    user_id self_;
    std::uint64_t held_from_ = 0;
    std::uint64_t w_ = 0;
    std::uint64_t epoch_ = 0;
    std::uint64_t cursor_epoch_ = 0;
    std::uint64_t next_ordinal_ = 1;
    bool link_lost_ = false;
    std::vector<wire::event> rows_;
    std::vector<faded_row> faded_;
};

}  // namespace parley
