/// What makes a file of the recorder's moments, behind three C functions over linear memory. It is a module
/// of its own that a page loads when somebody reports a problem; the core that it brings is the same code.
///
///     inbox(n: u32) -> u32          address of n writable bytes
///     seal(n: u32, how: u32, k0: u32, k1: u32, k2: u32, k3: u32) -> u32
///                                   makes a file of the body of n bytes in the inbox: how 0 as it is, 1
///                                   masked with the key k, 2 masked and not played; returns its length, 0
///                                   for what is no body
///     file() -> u32                 its address
///
/// A core that ends while it is played again ends this one too: then a trap is the answer, and a new module
/// may do without playing.

#include "recorder/recording.hpp"
#include "recorder/sealing.hpp"

#ifdef __EMSCRIPTEN__
#define PARLEY_EXPORT(name) extern "C" __attribute__((export_name(#name), used))
#else
#define PARLEY_EXPORT(name) extern "C"
#endif

namespace {

parley::bytes in;
parley::bytes sealed;

std::uint64_t together(std::uint32_t high, std::uint32_t low) {
    return std::uint64_t{high} << 32 | low;
}

}  // namespace

PARLEY_EXPORT(inbox) std::uint8_t* inbox(std::uint32_t size) {
    in.resize(size);
    return in.data();
}

PARLEY_EXPORT(seal)

std::uint32_t seal(std::uint32_t size, std::uint32_t how, std::uint32_t k0, std::uint32_t k1,
                   std::uint32_t k2, std::uint32_t k3) {
    if (size > in.size()) return 0;
    auto recording = parley::recorder::read_body(parley::byte_view(in).first(size));
    if (!recording) return 0;
    if (how != 0) parley::recorder::mask(*recording, {together(k0, k1), together(k2, k3)}, how == 1);
    sealed = parley::recorder::write_file(*recording);
    return static_cast<std::uint32_t>(sealed.size());
}

PARLEY_EXPORT(file) const std::uint8_t* file() {
    return sealed.data();
}
