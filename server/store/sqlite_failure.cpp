#include "server/store/sqlite_failure.hpp"

namespace parley::sqlite {

std::string explain(const failure& why, const std::filesystem::path& file) {
    const auto name = file.string();
    switch (why.kind()) {
    case trouble::damage:
        return name + " is damaged (" + why.what() + "): put a backup in its place, and keep this file aside";
    case trouble::full: return name + ": no space is left on the disk: free some, then start again";
    case trouble::busy:
        return name + " is in use by another program: end it (a backup ends by itself), then start again";
    case trouble::unwritable:
        return name + " can't be opened or written (" + why.what() +
               "): give this user the right to read and write it, or choose another folder with --data";
    default: return name + ": " + why.what() + ": look at the disk and at the system's log, then start again";
    }
}

}  // namespace parley::sqlite
