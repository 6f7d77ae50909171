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

#include "wasm-client/hosted_core.hpp"

#ifdef __EMSCRIPTEN__
#define PARLEY_EXPORT(name) extern "C" __attribute__((export_name(#name), used))
#else
#define PARLEY_EXPORT(name) extern "C"
#endif

namespace {

parley::hosted_core hosted;

}  // namespace

PARLEY_EXPORT(inbox) std::uint8_t* inbox(std::uint32_t size) {
    return hosted.inbox(size);
}

PARLEY_EXPORT(step) std::uint32_t step(double mono_ms, double wall_ms, std::uint32_t size) {
    return hosted.step(mono_ms, wall_ms, size);
}

PARLEY_EXPORT(outbox) const std::uint8_t* outbox() {
    return hosted.outbox().data();
}

PARLEY_EXPORT(view) std::uint32_t view(double mono_ms, double wall_ms) {
    return hosted.view(mono_ms, wall_ms);
}

PARLEY_EXPORT(view_bytes) const std::uint8_t* view_bytes() {
    return hosted.patch().data();
}
