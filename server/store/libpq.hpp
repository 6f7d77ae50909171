#pragma once

namespace parley::postgres {

/// Loads the system's libpq, on which libpqxx stands, if that was not done yet: a server that keeps its data
/// elsewhere runs without it. Throws std::runtime_error with one line that says what to install. Nothing of
/// libpqxx may be used before.
void load_libpq();

}  // namespace parley::postgres
