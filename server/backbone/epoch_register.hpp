#pragma once

#include "shared/base/errors.hpp"

#include <cstdint>
#include <string>

namespace parley {

/// What the store says of the order: which epoch is in force, how far its log is stored, and which run of the
/// sequencing server extends it.
struct order_row {
    std::uint64_t epoch = 0;  ///< 0: none was ever begun
    std::uint64_t n = 0;
    std::string incarnation;
    bool held = false;  ///< somebody wrote in this epoch just now, or is about to
};

/// The port to that one row, which all processes share. Blocks; may be called from any thread.
class epoch_register {
public:
    virtual ~epoch_register() = default;

    /// Fails while the store does not answer.
    [[nodiscard]] virtual result<order_row> read() = 0;

    /// As `read`, by a write that was acknowledged: what it tells outlives whatever the store outlives, while
    /// `read` may see a commit that is still in doubt.
    [[nodiscard]] virtual result<order_row> confirm() = 0;

    /// Durably begins an epoch for `incarnation`, above `seen` and `floor`, made of time and chance, if the
    /// row still has `seen` and (L6)
    ///
    ///     its incarnation is this one, or this one never had an epoch,
    ///     or the row is older than 60 s, or younger than now
    ///
    /// Gives the epoch, or 0 where the row said no. Fails in doubt: it may have begun all the same, and is
    /// nobody's then.
    [[nodiscard]] virtual result<std::uint64_t> raise(std::uint64_t seen, std::uint64_t floor,
                                                      const std::string& incarnation) = 0;
};

}  // namespace parley
