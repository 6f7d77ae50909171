#pragma once

#include "shared/base/errors.hpp"

#include <string>
#include <string_view>

/// argon2id with 19 MiB, two passes and one lane (libsodium). Hashing takes tens of milliseconds: never on a
/// thread that serves others.
namespace parley {

/// May this be a new password? 8 to 128 characters, none of the commonest, not the user's own name: else
/// `weak_password`, or `bad_text`.
[[nodiscard]] result<void> check_password(std::string_view password, std::string_view user_name);

/// One of the 3,000 that people choose most, in either case.
[[nodiscard]] bool is_common_password(std::string_view password);

/// The standard text form, with parameters and salt. Fails with `busy` if there is no memory for it.
[[nodiscard]] result<std::string> hash_password(std::string_view password);

[[nodiscard]] bool verify_password(const std::string& hash, std::string_view password);

/// Takes as long as `verify_password` of a wrong one, so that time does not tell which users exist.
void verify_nobody(std::string_view password);

/// For `reset-password`: 20 letters and digits in groups.
[[nodiscard]] std::string make_password();

}  // namespace parley
