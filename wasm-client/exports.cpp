/// The core behind a few C functions over linear memory. All numbers but times are unsigned 32 bit.
///
///     inbox(n: u32) -> u32                 address of n writable bytes, 8-aligned; valid until the next
///     inbox step(mono: f64, wall: f64, n: u32) -> u32
///                                          reads one `fact_in` of n bytes from the inbox (verified; what is
///                                          no fact, or comes before `started`, changes nothing and gives 0),
///                                          returns the length of one `effects_out` at outbox()
///     outbox() -> u32                      address of what `step` gave; valid until the next step
///     view(mono: f64, wall: f64) -> u32    length of one `view_out` at view_bytes(), 0 if the page is up to
///     date or has
///                                          not drawn the last patch yet (fact `patch_drawn`)
///     view_bytes() -> u32                  address of what `view` gave; valid until the next view
///
/// Both outputs are FlatBuffers without a size prefix: their root tables are `effects_out` and `view_out`.
/// Fetch `memory.buffer` anew after each call, since memory may have grown. `_initialize()` comes first,
/// once. Imports: the few functions of WASI that the C library wants (fd_write for a failing assertion,
/// proc_exit) and `env.emscripten_notify_memory_growth`.
///
/// `mono` and `wall` are milliseconds, rounded down. The deadline in `effects_out` is on the clock of `mono`;
/// each step tells it, so a host needs one timer.

#include "shared/client/client.hpp"
#include "shared/client/local_border.hpp"

#include <optional>
#include <utility>

#ifdef __EMSCRIPTEN__
#define PARLEY_EXPORT(name) extern "C" __attribute__((export_name(#name), used))
#else
#define PARLEY_EXPORT(name) extern "C"
#endif

namespace {

std::optional<parley::client> core;
parley::bytes in;
parley::bytes out;
parley::bytes patch;
parley::bytes message;

parley::instant at(double mono_ms, double wall_ms) {
    return {static_cast<std::int64_t>(mono_ms), static_cast<std::int64_t>(wall_ms)};
}

/// False before there is a core.
bool take(parley::instant now, const parley::local_fact& said, parley::client_effects& effects) {
    if (std::holds_alternative<parley::started>(said.fact))
        core.emplace(said.config, parley::random_source{said.seed});
    if (!core) return false;
    if (said.drawn)
        core->acknowledge_patch(*said.drawn);
    else
        core->step(now, said.fact, effects);
    return true;
}

}  // namespace

PARLEY_EXPORT(inbox) std::uint8_t* inbox(std::uint32_t size) {
    in.resize(size);
    return in.data();
}

PARLEY_EXPORT(step) std::uint32_t step(double mono_ms, double wall_ms, std::uint32_t size) {
    if (size > in.size()) return 0;
    parley::local_fact fact;
    if (!parley::decode_fact(parley::byte_view(in).first(size), message, fact)) return 0;
    parley::client_effects effects;
    if (!take(at(mono_ms, wall_ms), fact, effects)) return 0;
    out = parley::encode_effects(effects, core->deadline());
    return static_cast<std::uint32_t>(out.size());
}

PARLEY_EXPORT(outbox) const std::uint8_t* outbox() {
    return out.data();
}

PARLEY_EXPORT(view) std::uint32_t view(double mono_ms, double wall_ms) {
    if (!core) return 0;
    patch = core->take_patch(at(mono_ms, wall_ms));
    return static_cast<std::uint32_t>(patch.size());
}

PARLEY_EXPORT(view_bytes) const std::uint8_t* view_bytes() {
    return patch.data();
}
