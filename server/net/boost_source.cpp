/// The one place where Asio and Beast are compiled; everybody else sees declarations.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
