#pragma once

#include "shared/base/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What statements are given, in the forms in which PostgreSQL reads it.
namespace parley::postgres {

/// The largest number that PostgreSQL keeps stands for all beyond.
[[nodiscard]] std::int64_t clamped(std::uint64_t value);

/// One value in text form, or null.
using parameter = std::optional<std::string>;

[[nodiscard]] parameter as_parameter(std::int64_t value);
[[nodiscard]] parameter as_parameter(const ulid& id);
[[nodiscard]] parameter as_parameter(const std::array<std::uint8_t, 32>& bytes);

[[nodiscard]] inline parameter as_parameter(std::uint64_t value) {
    return as_parameter(clamped(value));
}

[[nodiscard]] inline parameter as_parameter(int value) {
    return as_parameter(std::int64_t{value});
}

[[nodiscard]] inline parameter as_parameter(bool value) {
    return as_parameter(std::int64_t{value});
}

[[nodiscard]] inline parameter as_parameter(const std::string& text) {
    return text;
}

template <class Tag>
[[nodiscard]] parameter as_parameter(const strong_id<Tag>& id) {
    return as_parameter(id.value);
}

template <class Value>
[[nodiscard]] parameter as_parameter(const std::optional<Value>& value) {
    return value ? as_parameter(*value) : std::nullopt;
}

/// An array in binary form, for `unnest`: one column of the rows that a statement is given at once.
class column {
public:
    enum class of : std::uint32_t { numbers = 20, texts = 25, ids = 2950 };  ///< int8, text, uuid

    explicit column(of type);

    void add(std::int64_t value);
    void add(std::string_view text);
    void add(const ulid& id);
    void add_null();

    void add(std::uint64_t value) { add(clamped(value)); }

    template <class Tag>
    void add(const strong_id<Tag>& id) {
        add(id.value);
    }

    /// Ready to be sent: valid until something is added.
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    void add_size(std::size_t size);

    std::string bytes_;
    std::uint32_t count_ = 0;
};

}  // namespace parley::postgres
