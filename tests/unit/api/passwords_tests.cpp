#include "server/api/passwords.hpp"
#include "tests/support/catch.hpp"

#include <fstream>
#include <string>

using namespace parley;

namespace {

errc verdict(const std::string& password) {
    const auto checked = check_password(password, "annabella");
    return checked ? errc::none : checked.error().code;
}

}  // namespace

TEST_CASE("a password has 8 to 128 characters, counted as people count") {
    CHECK(verdict("sevench") == errc::weak_password);
    CHECK(verdict("eight ch") == errc::none);
    CHECK(verdict(std::string(128, 'x')) == errc::none);
    CHECK(verdict(std::string(129, 'x')) == errc::weak_password);
    CHECK(verdict(std::string(10'000, 'x')) == errc::weak_password);
    CHECK(verdict("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f") == errc::weak_password);
    CHECK(verdict("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f") == errc::none);
}

TEST_CASE("the commonest passwords are refused in either case, and so is the user's name") {
    for (const auto* password : {"password", "PASSWORD", "12345678", "1q2w3e4r5t", "iloveyou", "Football",
                                 "jennifer", "annabella", "AnnaBella"}) {
        INFO(password);
        CHECK(verdict(password) == errc::weak_password);
    }
    CHECK(is_common_password("qwertyuiop"));
    CHECK_FALSE(is_common_password("correct horse battery"));
    CHECK_FALSE(is_common_password(""));
}

TEST_CASE("three thousand passwords are common, none of which its length would refuse anyway") {
    std::ifstream list{PARLEY_SOURCE_DIR "/server/api/common_passwords.txt"};
    std::string line;
    std::getline(list, line);
    int count = 0;
    while (std::getline(list, line) && line != ")PASSWORDS\"") {
        ++count;
        if (line.size() < 8 || !is_common_password(line)) FAIL(line);
    }
    CHECK(count == 3'000);
}

TEST_CASE("a password is text") {
    CHECK(verdict("eight ch\xff") == errc::bad_text);
    CHECK(verdict(std::string("eight\0ch", 8)) == errc::bad_text);
}

TEST_CASE("a hash is argon2id with 19 MiB, two passes and one lane, and fits its password only") {
    const auto hash = hash_password("correct horse");
    REQUIRE(hash);
    CHECK(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(verify_password(*hash, "correct horse"));
    CHECK_FALSE(verify_password(*hash, "correct horsf"));
    CHECK_FALSE(verify_password("", "correct horse"));
    CHECK_FALSE(verify_password("$argon2id$nonsense", "correct horse"));
    CHECK_FALSE(verify_password(std::string(500, '$'), "correct horse"));
    CHECK(*hash_password("correct horse") != *hash);
}

TEST_CASE("a made password would be taken from a person too") {
    const auto made = make_password();
    CHECK(verdict(made) == errc::none);
    CHECK(made != make_password());
}
