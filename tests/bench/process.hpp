#pragma once

#include <cstdint>
#include <sys/types.h>

namespace parley::bench {

/// What all threads of a process have run so far, in nanoseconds; from the scheduler, so exact.
std::uint64_t cpu_ns_of(pid_t process);

/// The same once it has nothing left to do.
std::uint64_t settled_cpu_ns_of(pid_t process);

/// Resident memory in bytes.
std::uint64_t resident_bytes_of(pid_t process);

/// Monotonic.
std::uint64_t now_ns();

}  // namespace parley::bench
