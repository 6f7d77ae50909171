#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace parley::sqlite {

/// What a failure means for us; the numbers of SQLite stay inside.
enum class trouble : std::uint8_t {
    row,          ///< this row can't be stored, others can
    damage,       ///< the file can't be trusted
    full,         ///< no space is left
    busy,         ///< another connection holds it
    unwritable,   ///< rights, or a read-only file system
    interrupted,  ///< took longer than it was given
    other,
};

class failure : public std::runtime_error {
public:
    failure(trouble what, const std::string& message) : std::runtime_error(message), what_(what) {}

    [[nodiscard]] trouble kind() const { return what_; }

private:
    trouble what_;
};

/// One line for people: which file, what is wrong, what to do.
[[nodiscard]] std::string explain(const failure& why, const std::filesystem::path& file);

}  // namespace parley::sqlite
