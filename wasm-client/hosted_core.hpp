#pragma once

#include "shared/client/client.hpp"
#include "shared/client/local_border.hpp"

#include <optional>

namespace parley {

/// The core as the bytes of its border: what the browser's exports are made of, and what a replay steps.
class hosted_core {
public:
    /// `size` writable bytes for the next fact, 8-aligned; valid until the next call.
    std::uint8_t* inbox(std::uint32_t size) {
        in_.resize(size);
        return in_.data();
    }

    /// Reads one `fact_in` from the inbox; one `effects_out` is then in `outbox`. Returns its size, 0 for
    /// what is no fact or comes before `started`.
    std::uint32_t step(double mono_ms, double wall_ms, std::uint32_t size) {
        if (size > in_.size()) return 0;
        local_fact fact;
        if (!decode_fact(byte_view(in_).first(size), message_, fact)) return 0;
        client_effects effects;
        if (!take(at(mono_ms, wall_ms), fact, effects)) return 0;
        out_ = encode_effects(effects, core_->deadline());
        return static_cast<std::uint32_t>(out_.size());
    }

    [[nodiscard]] const bytes& outbox() const { return out_; }

    /// One `view_out` is then in `patch`. Returns its size, 0 if there is nothing to draw now.
    std::uint32_t view(double mono_ms, double wall_ms) {
        if (!core_) return 0;
        patch_ = core_->take_patch(at(mono_ms, wall_ms));
        return static_cast<std::uint32_t>(patch_.size());
    }

    [[nodiscard]] const bytes& patch() const { return patch_; }

    /// Null before `started`.
    [[nodiscard]] client* core() { return core_ ? &*core_ : nullptr; }

private:
    static instant at(double mono_ms, double wall_ms) {
        return {static_cast<std::int64_t>(mono_ms), static_cast<std::int64_t>(wall_ms)};
    }

    /// False before there is a core.
    bool take(instant now, const local_fact& said, client_effects& effects) {
        if (std::holds_alternative<started>(said.fact)) core_.emplace(said.config, random_source{said.seed});
        if (!core_) return false;
        if (said.drawn)
            core_->acknowledge_patch(*said.drawn);
        else
            core_->step(now, said.fact, effects);
        return true;
    }

    std::optional<client> core_;
    bytes in_;
    bytes out_;
    bytes patch_;
    bytes message_;
};

}  // namespace parley
